"""`workflowbench compile`: a Python program of the style becomes an unsigned shortcut again."""

from pathlib import Path

import click

from workflowbench.catalogue.shipped import builtin_catalogue
from workflowbench.files import write_atomically
from workflowbench.shortcuts.program_errors import ProgramError
from workflowbench.shortcuts.shortcut_file import shortcut_of


@click.command("compile")
@click.argument("program", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The `.shortcut` file to write; it is unsigned.",
)
def compile_command(program: Path, output: Path) -> None:
    """Compile PROGRAM, a file of the style that `transcribe` writes. Nothing in it is executed."""
    functions = {api.function: api.identifier for api in builtin_catalogue().values()}
    try:
        # An editor on Windows may put a byte order mark first, which is no part of the program.
        data = shortcut_of(program.read_text("utf-8-sig"), functions)
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"{program} is not UTF-8 text: {error.reason} at byte {error.start}"
        ) from None
    except ProgramError as error:
        raise click.ClickException(f"{program}:{error.line}:{error.column}: {error.reason}") from None
    except OSError as error:
        raise click.ClickException(f"{program} cannot be read: {error.strerror}") from None
    try:
        write_atomically(output, data)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
    click.echo(f"wrote {output}")
