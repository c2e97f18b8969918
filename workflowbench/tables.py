"""The schema of every table of the dataset: columns, types, keys and one-line descriptions.

This is the only place that describes a column. The Dagster column schema, the schema checks, the
dataset card and the documentation are all made from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

TEXT_LIST = pl.List(pl.String)
TIMESTAMP = pl.Datetime("us", "UTC")
KIND_COUNTS = pl.List(pl.Struct({"kind": pl.String, "n_values": pl.Int64}))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Polars type, a description for readers, and whether it may be null."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, what one row is, its columns, and the columns that identify a row."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def schema(self) -> pl.Schema:
        """The Polars schema, in column order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def frame(self, rows: Iterable[Mapping[str, object]] = ()) -> pl.DataFrame:
        """Build a frame of this table from row mappings; a key that is no column is an error."""
        rows = list(rows)
        unknown = {name for row in rows for name in row} - set(self.schema)
        if unknown:
            raise ValueError(f"{self.name} has no column named {', '.join(sorted(unknown))}")
        return pl.DataFrame(rows, schema=self.schema, orient="row")


def _dropped(of: str) -> Table:
    return Table(
        f"{of}_dropped",
        f"A row that did not reach `{of}`, with the rule that dropped it.",
        (
            Column("row_id", pl.String, "Key of the dropped row in the table that it came from."),
            Column("title", pl.String, "Title or file path, for a reader.", nullable=True),
            Column("stage", pl.String, "Stage that dropped the row."),
            Column("rule", pl.String, "Rule that the row failed, a short stable name."),
            Column("detail", pl.String, "What was found, and what to do about it."),
            Column("threshold", pl.Float64, "Limit of the rule, where it has one.", nullable=True),
            Column(
                "observed", pl.Float64, "Value that crossed the limit, where there is one.", nullable=True
            ),
            Column("twin_id", pl.String, "Surviving row, for a duplicate.", nullable=True),
        ),
        key=("row_id", "rule", "detail"),
    )


RAW_SHORTCUTS = Table(
    "raw_shortcuts",
    "A shortcut version as it was fetched from its source, or the notice that it was withdrawn there.",
    (
        Column("raw_id", pl.String, "SHA-256 of the payload; for a withdrawal, of source and path."),
        Column("scrape", pl.String, "Scrape that fetched the row: the partition."),
        Column("source", pl.String, "Source adapter and its place, e.g. `folder:examples`."),
        Column("source_path", pl.String, "Place within the source: relative file path or page id."),
        Column("version_id", pl.String, "Version id at the source, where it has one.", nullable=True),
        Column("title", pl.String, "Title given by the author, or the file's stem."),
        Column("description", pl.String, "Description given by the author.", nullable=True),
        Column("categories", TEXT_LIST, "RoutineHub categories given by the author; may be empty."),
        Column("url", pl.String, "Public address of the shortcut.", nullable=True),
        Column("licence", pl.String, "Licence stated by the source; null is unknown.", nullable=True),
        Column("icloud_id", pl.String, "Id of the shared shortcut on iCloud, if known.", nullable=True),
        Column(
            "terms_sha256",
            pl.String,
            "SHA-256 of the site's terms page as it was then; null where there is none, as for a folder.",
            nullable=True,
        ),
        Column(
            "robots",
            pl.String,
            "Decision on robots.txt: `allowed`, or `opted in` by a person; null for a folder.",
            nullable=True,
        ),
        Column("is_nsfw", pl.Boolean, "True if the source marks it as such; null is unknown.", nullable=True),
        Column("fetched_at", TIMESTAMP, "Time of the fetch; for a folder, the file's modification time."),
        Column("is_withdrawn", pl.Boolean, "True if the source no longer offers this shortcut."),
        Column("size_bytes", pl.Int64, "Size of the payload in bytes."),
        Column("payload", pl.Binary, "The file as it was fetched; null for a withdrawal.", nullable=True),
    ),
    key=("raw_id",),
)

OPT_OUTS = Table(
    "opt_outs",
    "An id on the opt-out list: its shortcut or workflow is left out of everything after `raw_shortcuts`.",
    (
        Column("kind", pl.String, "`routinehub`, `icloud` or `workflow`."),
        Column("id", pl.String, "Id of the shortcut there, or the workflow id; lower case, without hyphens."),
    ),
    key=("kind", "id"),
)

API_CATALOGUE = Table(
    "api_catalogue",
    "An action of Apple's Shortcuts or of an app: the documentation that a model sees.",
    (
        Column("identifier", pl.String, "Identifier of the action, with dots."),
        Column("function", pl.String, "Name of the action as a Python function."),
        Column("name", pl.String, "Name shown to people."),
        Column(
            "app", pl.String, "First three `_`-separated parts of the function, as the paper counts apps."
        ),
        Column("category", pl.String, "Functional category."),
        Column("description", pl.String, "One line on what the action does."),
        Column(
            "origin",
            pl.String,
            "Source: `builtin`, `wfactions`, `actionsdata`, `intentdefinition`, `observed`.",
        ),
        Column(
            "input_key", pl.String, "Parameter that takes the output of the action before it.", nullable=True
        ),
        Column("output_type", pl.String, "Type of the output; null if the action has none.", nullable=True),
        Column("n_parameters", pl.Int64, "Number of parameters."),
        Column("required_parameters", TEXT_LIST, "Keys of the parameters that a call must give."),
        Column("json_document", pl.String, "The API document as JSON."),
        Column("python_stub", pl.String, "The API document as a Python function stub."),
    ),
    key=("identifier",),
)

_LICENCE = Column("licence", pl.String, "Licence stated by the source; null is unknown.", nullable=True)
_CODE_FACTS = (
    Column("apis", TEXT_LIST, "Distinct action identifiers called, in order of first use."),
    Column("n_actions", pl.Int64, "Entries of the action list: actions and block markers."),
    Column("n_conditionals", pl.Int64, "Number of `if` and `match` blocks."),
    Column("n_loops", pl.Int64, "Number of loops."),
    Column("nesting_depth", pl.Int64, "Greatest depth of nested blocks; 0 is a flat workflow."),
)

TRANSCRIBED_WORKFLOWS = Table(
    "transcribed_workflows",
    "A shortcut as a Python program, redacted, with the proof that nothing else was lost.",
    (
        Column("raw_id", pl.String, "Row of `raw_shortcuts` that was transcribed."),
        Column("workflow_id", pl.String, "Hash of the canonical action tree."),
        Column("scrape", pl.String, "Scrape that fetched the shortcut: the partition."),
        Column("title", pl.String, "Title of the shortcut."),
        Column("description", pl.String, "Description given by the author.", nullable=True),
        Column("categories", TEXT_LIST, "RoutineHub categories; may be empty."),
        _LICENCE,
        Column(
            "attribution",
            pl.String,
            "Lines of its first comments that say where it comes from, without names.",
            nullable=True,
        ),
        Column("redactions", KIND_COUNTS, "Number of distinct values that placeholders replace, by kind."),
        Column("code", pl.String, "The program."),
        *_CODE_FACTS,
        Column("tokens", TEXT_LIST, "Action tree in pre-order, one token per action and block marker."),
        Column(
            "variables",
            pl.String,
            "JSON object: Python name to output UUID or variable name in the shortcut.",
        ),
        Column("repairs", TEXT_LIST, "Faults of the file that were mended, e.g. a missing block end."),
        Column("signed_by", pl.String, "`none`, `icloud` or `contact`."),
        Column("parses", pl.Boolean, "True if Python's own parser accepts the program."),
        Column("round_trip", pl.Boolean, "True if the program compiles back to the same canonical tree."),
        Column("round_trip_id", pl.String, "Hash of the canonical tree compiled from the program."),
    ),
    key=("raw_id",),
)

ANNOTATED_WORKFLOWS = Table(
    "annotated_workflows",
    "A transcribed workflow with hierarchical thoughts: readable names, comments, task plan and query.",
    (
        Column("raw_id", pl.String, "Row of `transcribed_workflows` that was annotated."),
        Column("workflow_id", pl.String, "Hash of the canonical action tree."),
        Column("scrape", pl.String, "Scrape that fetched the shortcut: the partition."),
        Column("title", pl.String, "Title of the shortcut."),
        Column("category", pl.String, "First RoutineHub category, or `Uncategorised`."),
        Column("query", pl.String, "What a person would ask for to get this workflow."),
        Column("task_plan", pl.String, "Numbered plan in natural language."),
        Column("code", pl.String, "The annotated program: one comment before each statement."),
        Column("renamed", pl.String, "JSON object: name in the transcribed program to name here."),
        Column("same_tree", pl.Boolean, "True if the syntax tree equals the transcribed one but for names."),
        Column("annotator", pl.String, "Who wrote the thoughts: `offline` rules or a model and revision."),
    ),
    key=("raw_id",),
)

SEED_WORKFLOWS = Table(
    "seed_workflows",
    "The deduplicated union of all scrapes: the newest version of each collected workflow.",
    (
        Column("workflow_id", pl.String, "Hash of the canonical action tree."),
        Column("raw_id", pl.String, "Row of `raw_shortcuts` that it was made from."),
        Column("scrape", pl.String, "Scrape that fetched it."),
        Column("title", pl.String, "Title of the shortcut."),
        Column("category", pl.String, "First RoutineHub category, or `Uncategorised`."),
        _LICENCE,
        Column("query", pl.String, "What a person would ask for to get this workflow."),
        Column("task_plan", pl.String, "Numbered plan in natural language."),
        Column("transcribed_code", pl.String, "The program as it was transcribed."),
        Column("code", pl.String, "The annotated program."),
        *_CODE_FACTS,
        Column("tokens", TEXT_LIST, "Action tree in pre-order, one token per action and block marker."),
        Column("annotator", pl.String, "Who wrote the thoughts."),
        Column("family", pl.String, "Near-duplicate family: the smallest workflow id in it."),
    ),
    key=("workflow_id",),
)

EXPANDED_QUERIES = Table(
    "expanded_queries",
    "A synthetic query: what a person might ask for, and the APIs that it takes.",
    (
        Column("query_id", pl.String, "Hash of category, APIs and query."),
        Column("category", pl.String, "RoutineHub category that the query is for: the partition."),
        Column("pool", pl.String, "`id` or `ood`: which APIs were sampled from, see the API pools."),
        Column("query", pl.String, "What a person asks for; it names no API."),
        Column("apis", TEXT_LIST, "Identifiers of the sampled APIs, all needed for the query."),
        Column("apps", TEXT_LIST, "Apps of these APIs."),
        Column("examples", TEXT_LIST, "Workflow ids of the in-context examples that the writer saw."),
        Column("prompt", pl.String, "Name and version of the prompt template."),
        Column("writer", pl.String, "Who wrote the query: `offline` rules or a model and revision."),
    ),
    key=("query_id",),
)

GENERATED_WORKFLOWS = Table(
    "generated_workflows",
    "An annotator's task plan and program for a synthetic query.",
    (
        Column("query_id", pl.String, "Row of `expanded_queries`."),
        Column("category", pl.String, "RoutineHub category: the partition."),
        Column("pool", pl.String, "`id` or `ood`: which APIs were sampled from."),
        Column("query", pl.String, "What a person asks for."),
        Column("given_apis", TEXT_LIST, "Identifiers of the APIs that the annotator was given."),
        Column("task_plan", pl.String, "The annotator's plan."),
        Column("code", pl.String, "The annotator's program, as it came."),
        Column("examples", TEXT_LIST, "Workflow ids of the in-context examples, or the adapted workflow."),
        Column("prompt", pl.String, "Name and version of the prompt template."),
        Column("annotator", pl.String, "Who wrote it: `retrieval`, or a model and revision."),
    ),
    key=("query_id",),
)

CONFIRMED_WORKFLOWS = Table(
    "confirmed_workflows",
    "A generated workflow that passed quality confirmation, refined.",
    (
        Column("sample_id", pl.String, "Hash of the query and the canonical action tree."),
        Column("query_id", pl.String, "Row of `generated_workflows`."),
        Column("workflow_id", pl.String, "Hash of the canonical action tree."),
        Column("category", pl.String, "RoutineHub category: the partition."),
        Column("pool", pl.String, "`id` or `ood`: which APIs were sampled from."),
        Column("query", pl.String, "What a person asks for."),
        Column("given_apis", TEXT_LIST, "Identifiers of the APIs that the annotator was given."),
        Column("task_plan", pl.String, "The refined plan."),
        Column("code", pl.String, "The refined program: one comment before each statement."),
        *_CODE_FACTS,
        Column("tokens", TEXT_LIST, "Action tree in pre-order, one token per action and block marker."),
        Column("annotator", pl.String, "Who wrote the program first."),
        Column(
            "refiner",
            pl.String,
            "Who refined it: `none`, a model and revision, or `rules` that wrote missing comments.",
        ),
        Column("judge", pl.String, "Who judged it: `none`, or a model and revision."),
        Column("n_votes", pl.Int64, "Votes of the judge; 0 without one."),
        Column("n_votes_for", pl.Int64, "Votes that found that the program does what was asked."),
    ),
    key=("sample_id",),
)

API_POOLS = Table(
    "api_pools",
    "The pool of an API: which APIs queries are made from and samples may use when APIs are held out.",
    (
        Column("identifier", pl.String, "Identifier of the action, with dots."),
        Column("app", pl.String, "App of the API, as the paper counts apps."),
        Column(
            "pool",
            pl.String,
            "`common`, `held_out` (never in training of the `ood` setting), `language` or `other`.",
        ),
        Column("n_workflows", pl.Int64, "Collected workflows that use it."),
    ),
    key=("identifier",),
)

SEED_SPLITS = Table(
    "seed_splits",
    "The split of each collected workflow, drawn before any row is derived from it.",
    (
        Column("workflow_id", pl.String, "Row of `seed_workflows`."),
        Column("setting", pl.String, "`id` (unseen instructions) or `ood` (unseen APIs)."),
        Column("family", pl.String, "Near-duplicate family; a split never divides one."),
        Column("split", pl.String, "`train`, `dev`, `test` or `excluded`."),
        Column("reason", pl.String, "Why the workflow is excluded; null if it is not.", nullable=True),
    ),
    key=("workflow_id", "setting"),
)

QUALITY_FUNNEL = Table(
    "quality_funnel",
    "A rule of quality confirmation and what it did to the workflows of one annotator and category.",
    (
        Column("annotator", pl.String, "Who wrote the workflows first."),
        Column("category", pl.String, "RoutineHub category."),
        Column("step", pl.Int64, "Place of the rule in the order of application, from 1."),
        Column("stage", pl.String, "`format`, `symbolic`, `semantic` or `duplicate`."),
        Column(
            "rule",
            pl.String,
            "The rule; `none` where no rule of the stage found anything, `skipped` where it had no model.",
        ),
        Column("n_in", pl.Int64, "Workflows that were left before the rule."),
        Column(
            "n_found", pl.Int64, "Workflows in which it found something, mended ones and warnings included."
        ),
        Column("n_dropped", pl.Int64, "Workflows that it dropped: those of which it was the first error."),
        Column("n_out", pl.Int64, "Workflows that were left after the rule."),
    ),
    key=("annotator", "category", "stage", "rule"),
)

WORKFLOWBENCH = Table(
    "workflowbench",
    "A sample of WorkflowBench: a query, its APIs, a task plan and annotated code.",
    (
        Column(
            "sample_id",
            pl.String,
            "Stable id: the workflow id of a collected sample, a hash of query and action tree of another.",
        ),
        Column("workflow_id", pl.String, "Hash of the canonical action tree."),
        Column("origin", pl.String, "`collected` or `synthetic`."),
        Column("query_id", pl.String, "Row of `expanded_queries`; null if collected.", nullable=True),
        Column(
            "pool",
            pl.String,
            "`id` or `ood`: which APIs its query was made from; null if collected.",
            nullable=True,
        ),
        Column("title", pl.String, "Title of the workflow; null if synthetic.", nullable=True),
        Column("category", pl.String, "RoutineHub category, or `Uncategorised`."),
        _LICENCE,
        Column("query", pl.String, "What a person asks for."),
        Column("task_plan", pl.String, "Numbered plan in natural language."),
        Column("code", pl.String, "The annotated program."),
        *_CODE_FACTS,
        Column(
            "given_apis", TEXT_LIST, "APIs whose documents go with the query; of a collected one, `apis`."
        ),
        Column("annotator", pl.String, "Who wrote query, plan and comments, or the program if synthetic."),
        Column("family", pl.String, "Near-duplicate family; a split never divides one."),
    ),
    key=("sample_id",),
)

SPLITS = Table(
    "splits",
    "The split of each sample of WorkflowBench in each setting.",
    (
        Column("sample_id", pl.String, "Sample of `workflowbench`."),
        Column(
            "setting", pl.String, "`id` (unseen instructions) or `ood` (unseen APIs): separate trainings."
        ),
        Column("family", pl.String, "Near-duplicate family; no two of its rows are in different splits."),
        Column("split", pl.String, "`train`, `dev`, `test` or `excluded`."),
        Column("reason", pl.String, "Why the sample is excluded; null if it is not.", nullable=True),
    ),
    key=("sample_id", "setting"),
)

STATISTICS = Table(
    "statistics",
    "A figure of the dataset beside the same figure in the paper (Table 1 and Figure 4).",
    (
        Column("figure", pl.String, "Group: `table_1`, `category_balance`, or the distribution of Figure 4."),
        Column("measure", pl.String, "What is measured, or the bin."),
        Column(
            "subset",
            pl.String,
            "Rows measured: `seed`, `synthetic`, `all`, `train`, `dev` or `test` (in either setting), or the "
            "split of one setting, e.g. `ood_test`.",
        ),
        Column("unit", pl.String, "`count`, `mean` or `percent`."),
        Column("value", pl.Float64, "Figure for our data; null where the subset is empty.", nullable=True),
        Column(
            "paper_value",
            pl.Float64,
            "Figure printed in the paper for the same subset, if any.",
            nullable=True,
        ),
    ),
    key=("figure", "measure", "subset"),
)

LINEAGE = Table(
    "lineage",
    "An edge from a row to a row that it came from.",
    (
        Column("child_id", pl.String, "Id of the derived row."),
        Column("parent_id", pl.String, "Id of the row it came from."),
        Column("kind", pl.String, "`content`, `prompted` or `weights`."),
        Column("stage", pl.String, "Stage that derived the child: the table that holds it."),
    ),
    key=("child_id", "parent_id", "kind", "stage"),
)

_EVALUATED = (
    Column("model", pl.String, "Model under test; `+icl` was shown one in-context example."),
    Column("setting", pl.String, "`id` (unseen instructions) or `ood` (unseen APIs)."),
    Column("sample_id", pl.String, "Test sample of `workflowbench`."),
)
_FINDING_COUNTS = pl.List(pl.Struct({"rule": pl.String, "n": pl.Int64}))

PREDICTIONS = Table(
    "predictions",
    "The answer of a model under test to a test sample, usable or not.",
    (
        *_EVALUATED,
        Column("prompt", pl.String, "Name and version of the prompt template, or of the rules or file."),
        Column("examples", TEXT_LIST, "Workflow ids of the in-context example, or of what was adapted."),
        Column("answer", pl.String, "The answer as it came; null where there is none.", nullable=True),
        Column("task_plan", pl.String, "The plan in it.", nullable=True),
        Column(
            "code",
            pl.String,
            "The program in it; of an unusable answer the first block of Python, as the paper reads it, or "
            "nothing.",
        ),
        Column("rule", pl.String, "Why the answer is not usable; null if it is.", nullable=True),
        Column("detail", pl.String, "What was found.", nullable=True),
        Column(
            "finish_reason",
            pl.String,
            "`stop`, `length` for an answer that was cut off, or the server's own word; null if unknown.",
            nullable=True,
        ),
        Column("prompt_tokens", pl.Int64, "Tokens of the prompt; null if unknown.", nullable=True),
        Column("completion_tokens", pl.Int64, "Tokens of the answer; null if unknown.", nullable=True),
    ),
    key=("model", "setting", "sample_id"),
)

VERDICTS = Table(
    "verdicts",
    "A vote of the judge on a program, or on one requirement of its query; kept as it came.",
    (
        *_EVALUATED,
        Column("mode", pl.String, "`verdict` on the whole program, or by `requirements`."),
        Column("vote", pl.Int64, "Number of the vote, from 1."),
        Column("requirement", pl.Int64, "Number of the requirement, from 1; 0 is the whole program."),
        Column("requirement_text", pl.String, "The requirement.", nullable=True),
        Column("verdict", pl.Boolean, "What the judge says; null where no vote came in.", nullable=True),
        Column("evidence", TEXT_LIST, "Lines of the program that it quotes; they do occur in it."),
        Column("reasons", pl.String, "Why, in the judge's words.", nullable=True),
        Column("rule", pl.String, "Why no vote came in.", nullable=True),
        Column("detail", pl.String, "What happened, and what to do about it.", nullable=True),
        Column("judge", pl.String, "Model and revision of the judge."),
        Column("prompt", pl.String, "Name and version of the prompt template."),
    ),
    key=("model", "setting", "sample_id", "mode", "vote", "requirement"),
)

SCORES = Table(
    "scores",
    "What a model's answer to a test sample is worth: CodeBLEU and its parts, verdicts and findings.",
    (
        *_EVALUATED,
        Column("ngram", pl.Float64, "BLEU-4 over tokens, from 0 to 1.", nullable=True),
        Column("weighted_ngram", pl.Float64, "BLEU-4 with keywords weighing more.", nullable=True),
        Column("syntax", pl.Float64, "Share of the reference's sub-trees that it has.", nullable=True),
        Column("dataflow", pl.Float64, "Share of the reference's data flow that it has.", nullable=True),
        Column("codebleu", pl.Float64, "The weighted sum, per sample.", nullable=True),
        Column("codebleu_mode", pl.String, "Which CodeBLEU: `compat`, `stable` or `fixed`."),
        Column("note", pl.String, "Why there is no CodeBLEU.", nullable=True),
        Column("parses", pl.Boolean, "True if Python's own parser accepts a program that is not empty."),
        Column("reference_parses", pl.Boolean, "The same of the reference."),
        Column("answer_rule", pl.String, "Why the answer is not usable; null if it is.", nullable=True),
        Column("is_truncated", pl.Boolean, "True if the answer was cut off."),
        Column("static_pass", pl.Boolean, "True if the answer is usable and no rule finds an error."),
        Column("static_rule", pl.String, "First rule that found an error.", nullable=True),
        Column(
            "calls_absent_api",
            pl.Boolean,
            "True if it calls an API that was not given or that nobody documents; null if it does not parse.",
            nullable=True,
        ),
        Column("findings", _FINDING_COUNTS, "Findings of the format and the symbolic stage, by rule."),
        Column(
            "judge_pass", pl.Boolean, "The judge's majority; null if undecided or not asked.", nullable=True
        ),
        Column("judge", pl.String, "`static` if no judge was asked, or the judge's model and revision."),
        Column("n_votes", pl.Int64, "Votes that came in; 0 if the judge was not asked about it."),
        Column("n_votes_for", pl.Int64, "Votes that found that the program does what was asked."),
        Column("vote_entropy", pl.Float64, "Disagreement of the votes in bits.", nullable=True),
        Column("passed", pl.Boolean, "The verdict that counts: static and judge, or static alone."),
        Column("prompt_tokens", pl.Int64, "Tokens of the prompt; null if unknown.", nullable=True),
        Column("completion_tokens", pl.Int64, "Tokens of the answer; null if unknown.", nullable=True),
        Column("cost", pl.Float64, "Money that they cost; null if the price is unknown.", nullable=True),
        Column("n_actions", pl.Int64, "Actions of the reference."),
        Column("n_branches_loops", pl.Int64, "Its conditionals and loops."),
        Column("nesting_depth", pl.Int64, "Its nesting depth; 0 is a flat workflow."),
    ),
    key=("model", "setting", "sample_id"),
)

_INTERVAL = (
    Column("value", pl.Float64, "The figure; shares and scores from 0 to 1.", nullable=True),
    Column(
        "low",
        pl.Float64,
        "Lower end of the 95 % interval over samples: Wilson's for a share, bootstrapped for other means; "
        "null for a single sample.",
        nullable=True,
    ),
    Column("high", pl.Float64, "Upper end.", nullable=True),
    Column("n", pl.Int64, "Samples that the figure is of; null where the paper does not say.", nullable=True),
)

LEADERBOARD = Table(
    "leaderboard",
    "A figure of a model in a setting: measured here, or published in the paper.",
    (
        Column("origin", pl.String, "`measured` or `published`."),
        Column("model", pl.String, "Model; `+icl` was shown one in-context example."),
        Column("setting", pl.String, "`id` (unseen instructions) or `ood` (unseen APIs)."),
        Column("measure", pl.String, "What is measured."),
        *_INTERVAL,
        Column("judge", pl.String, "Who gave the verdict, for a measure of passing.", nullable=True),
        Column("note", pl.String, "What a reader must know about this figure.", nullable=True),
    ),
    key=("origin", "model", "setting", "measure"),
)

COMPLEXITY_SCORES = Table(
    "complexity_scores",
    "CodeBLEU of a model on the test samples of one bin of complexity, as in Figure 5 of the paper.",
    (
        Column("model", pl.String, "Model."),
        Column("setting", pl.String, "`id` or `ood`."),
        Column("axis", pl.String, "`n_actions`, `n_branches_loops` or `nesting_depth` of the reference."),
        Column("bin", pl.String, "The bin, e.g. `15-30`; the lower bound belongs to it, the upper does not."),
        Column("position", pl.Int64, "Place of the bin on its axis, from 0."),
        *_INTERVAL,
    ),
    key=("model", "setting", "axis", "bin"),
)

RECEIPT = Table(
    "receipt",
    "A cell of a table of the paper beside ours, with the known cause of the difference.",
    (
        Column("table", pl.String, "`table_1`, `table_2` or `table_3` of the paper."),
        Column("row", pl.String, "Row of that table: a model or a measure."),
        Column("column", pl.String, "Column of it."),
        Column("unit", pl.String, "`count`, `mean` or `percent`."),
        Column("published", pl.Float64, "The printed figure."),
        Column("ours", pl.Float64, "Ours; null where we have none.", nullable=True),
        Column("difference", pl.Float64, "Ours less the printed one.", nullable=True),
        Column("counterpart", pl.String, "What of ours it is compared with.", nullable=True),
        Column("cause", pl.String, "Known cause of the difference; null if none is known.", nullable=True),
    ),
    key=("table", "row", "column"),
)

RAW_SHORTCUTS_DROPPED = _dropped("raw_shortcuts")
TRANSCRIBED_WORKFLOWS_DROPPED = _dropped("transcribed_workflows")
ANNOTATED_WORKFLOWS_DROPPED = _dropped("annotated_workflows")
SEED_WORKFLOWS_DROPPED = _dropped("seed_workflows")
EXPANDED_QUERIES_DROPPED = _dropped("expanded_queries")
GENERATED_WORKFLOWS_DROPPED = _dropped("generated_workflows")
CONFIRMED_WORKFLOWS_DROPPED = _dropped("confirmed_workflows")
WORKFLOWBENCH_DROPPED = _dropped("workflowbench")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        RAW_SHORTCUTS,
        RAW_SHORTCUTS_DROPPED,
        OPT_OUTS,
        API_CATALOGUE,
        TRANSCRIBED_WORKFLOWS,
        TRANSCRIBED_WORKFLOWS_DROPPED,
        ANNOTATED_WORKFLOWS,
        ANNOTATED_WORKFLOWS_DROPPED,
        SEED_WORKFLOWS,
        SEED_WORKFLOWS_DROPPED,
        API_POOLS,
        SEED_SPLITS,
        EXPANDED_QUERIES,
        EXPANDED_QUERIES_DROPPED,
        GENERATED_WORKFLOWS,
        GENERATED_WORKFLOWS_DROPPED,
        CONFIRMED_WORKFLOWS,
        CONFIRMED_WORKFLOWS_DROPPED,
        QUALITY_FUNNEL,
        WORKFLOWBENCH,
        WORKFLOWBENCH_DROPPED,
        SPLITS,
        STATISTICS,
        LINEAGE,
    )
}
"""Every table by its name."""
