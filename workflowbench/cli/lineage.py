"""`workflowbench lineage`: where a row came from, and what came from it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import polars as pl

from workflowbench.bench.lineage import ancestors, descendants_by_kind
from workflowbench.tables import LINEAGE, RAW_SHORTCUTS

MOST_PARENTS = 20
"""Parents of one row that the tree lists."""

_ACTIONS = {
    "content": "must go: it contains the row",
    "prompted": "decide: it was written in sight of the row",
    "weights": "disclose: a model that saw the row wrote it",
}
_SOURCE = ("raw_id", "scrape", "source", "source_path", "url")

Parents = Mapping[str, Sequence[tuple[str, str]]]
"""Kind and node of each parent, by node."""


@click.command("lineage")
@click.argument("row_id")
@click.option(
    "--tables",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the tables, or of a release.",
)
@click.option("--erase-plan", is_flag=True, help="List what has to go if the row is withdrawn.")
def lineage_command(row_id: str, folder: Path, erase_plan: bool) -> None:
    """Print where ROW_ID came from, up to its source, and how much came from it.

    ROW_ID is an id in any table, or `<table>:<id>` for the row of one table.
    """
    lineage = _lineage(folder)
    start = _rows_called(row_id, lineage)
    if not start:
        raise click.ClickException(f"no row of {folder} has the id {row_id}: give a whole id of a table")
    by_kind = descendants_by_kind(lineage, start)
    lines = _plan(start, by_kind) if erase_plan else _history(start, by_kind, lineage, folder)
    for line in lines:
        click.echo(line)


def _lineage(folder: Path) -> pl.DataFrame:
    path = folder / f"{LINEAGE.name}.parquet"
    if not path.is_file():
        raise click.ClickException(f"{folder} has no {path.name}: name a folder of tables or a release")
    try:
        return pl.read_parquet(path, columns=LINEAGE.schema.names())
    except pl.exceptions.PolarsError as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from None


def _rows_called(row_id: str, lineage: pl.DataFrame) -> list[str]:
    """Return the nodes of a row id: the same id may name a row of several tables, one made from the other."""
    nodes = pl.concat([lineage["child_id"], lineage["parent_id"]]).unique().sort()
    is_it = (nodes == row_id) | nodes.str.ends_with(f":{row_id}")
    return nodes.filter(is_it).to_list()


def _history(
    start: Sequence[str], by_kind: Mapping[str, set[str]], lineage: pl.DataFrame, folder: Path
) -> Iterator[str]:
    upstream = ancestors(lineage, start)
    edges = lineage.filter(pl.col("child_id").is_in([*start, *upstream]))
    parents = defaultdict[str, list[tuple[str, str]]](list)
    for child, parent, kind in edges.select("child_id", "parent_id", "kind").sort(pl.all()).iter_rows():
        parents[child].append((kind, parent))
    sources = _sources(folder, upstream | set(start))
    seen: set[str] = set()
    for node in start:
        if node not in ancestors(edges, [other for other in start if other != node]):
            yield from _tree(node, "", parents, sources, seen)
    yield ""
    for kind, found in by_kind.items():
        tables = Counter(node.partition(":")[0] for node in sorted(found - set(start)))
        counts = ", ".join(f"{count} {table}" for table, count in tables.items())
        yield f"descendants by {kind}: {counts or 'none'}"


def _tree(
    node: str, indent: str, parents: Parents, sources: Mapping[str, str], seen: set[str]
) -> Iterator[str]:
    """Write a node and below it what it came from; what was written before is not followed again."""
    again = " (see above)" if node in seen and parents.get(node) else ""
    yield f"{node}{sources.get(node, '')}{again}"
    if node in seen:
        return
    seen.add(node)
    of_node = parents.get(node, ())
    for kind, parent in of_node[:MOST_PARENTS]:
        first, *rest = _tree(parent, f"{indent}  ", parents, sources, seen)
        yield f"{indent}  <- {kind} {first}"
        yield from rest
    if len(of_node) > MOST_PARENTS:
        yield f"{indent}  <- and {len(of_node) - MOST_PARENTS} more"


def _sources(folder: Path, nodes: set[str]) -> dict[str, str]:
    """Return where each shortcut among some nodes was fetched; a release does not hold the shortcuts."""
    files = sorted((folder / RAW_SHORTCUTS.name).glob("*.parquet"))
    prefix = f"{RAW_SHORTCUTS.name}:"
    raw_ids = [node.removeprefix(prefix) for node in nodes if node.startswith(prefix)]
    if not files:
        return {}
    rows = pl.scan_parquet(files).select(_SOURCE).filter(pl.col("raw_id").is_in(raw_ids)).collect()
    return {
        f"{prefix}{row['raw_id']}": f"  {row['url'] or ' '.join((row['source'], row['source_path']))}"
        f" (scrape {row['scrape']})"
        for row in rows.sort("scrape").iter_rows(named=True)
    }


def _plan(start: Sequence[str], by_kind: Mapping[str, set[str]]) -> Iterator[str]:
    for kind, action in _ACTIONS.items():
        found = by_kind[kind] | (set(start) if kind == "content" else set())
        yield f"{kind}: {len(found)} rows. {action[0].upper()}{action[1:]}."
        yield from (f"  {node}" for node in sorted(found))
