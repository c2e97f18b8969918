"""The command line: `workflowbench transcribe`, `compile`, `lint`, `lineage`, `score` and `t-eval`."""

import sys
from io import TextIOWrapper

import click

from workflowbench.cli.compile import compile_command
from workflowbench.cli.lineage import lineage_command
from workflowbench.cli.lint import lint_command
from workflowbench.cli.score import score_command
from workflowbench.cli.t_eval import t_eval_command
from workflowbench.cli.transcribe import transcribe_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="workflowbench-dagster")
def main() -> None:
    """Turn Apple Shortcuts into Python programs, and back; look into the dataset that is made of them."""
    for stream in (sys.stdout, sys.stderr):
        # File names may hold what the terminal cannot show.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


main.add_command(transcribe_command)
main.add_command(compile_command)
main.add_command(score_command)
main.add_command(t_eval_command)
main.add_command(lint_command)
main.add_command(lineage_command)
