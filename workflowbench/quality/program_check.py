"""The static verdict on a program: the format stage and the symbolic stage as one."""

from collections.abc import Collection
from dataclasses import dataclass

from workflowbench.catalogue.collection import Catalogue
from workflowbench.quality.findings import Finding, first_error
from workflowbench.quality.format_check import Reading, read_program
from workflowbench.quality.symbol_check import Uses, check_symbols
from workflowbench.shortcuts.program_errors import ProgramError


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the first two stages say of a program.

    Attributes:
        reading: What the format stage made of it.
        findings: Findings of both stages, in order of line and column.

    """

    reading: Reading
    findings: tuple[Finding, ...]

    @property
    def first_error(self) -> Finding | None:
        """The error that drops the program; None if it passes."""
        return first_error(self.findings)

    @property
    def passed(self) -> bool:
        """True if there is no error; warnings do not count."""
        return self.first_error is None


def check_program(
    code: str, given_apis: Collection[str] | None, catalogue: Catalogue, *, uses: Uses = "all"
) -> Verdict:
    """Judge a program by both stages; nothing is executed, and no text makes it fail.

    A program that parses but does not compile goes through the symbolic stage as well, so that its findings
    say all that is wrong.

    Args:
        code: The program, whatever a model wrote.
        given_apis: Identifiers of the APIs that it may call; None for any.
        catalogue: The documentation of the APIs.
        uses: Whether it must call all of the given APIs, or any.

    """
    reading = read_program(code, catalogue.identifiers)
    found = [*reading.findings, *_symbol_findings(reading, given_apis, catalogue, uses)]
    distinct = {(finding.line, finding.column, finding.rule): finding for finding in reversed(found)}
    return Verdict(reading, tuple(distinct[place] for place in sorted(distinct)))


def _symbol_findings(
    reading: Reading, given_apis: Collection[str] | None, catalogue: Catalogue, uses: Uses
) -> list[Finding]:
    if reading.module is None or any(finding.rule == "no_code" for finding in reading.findings):
        return []
    try:
        return check_symbols(reading.module, given_apis, catalogue, uses=uses)
    except (RecursionError, MemoryError):
        return [Finding("not_our_style", 1, 1, "An expression is nested too deep; write it flat.")]
    except ProgramError:
        # A declaration without its text: the format stage found it already.
        return []
    except Exception as error:
        detail = f"{type(error).__name__}: {error}; please report this program."
        return [Finding("internal_error", 1, 1, detail)]
