"""A program with its syntax tree, its statements and what they stand for."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workflowbench.catalogue.api import Api
from workflowbench.thoughts.comments import insert_comments
from workflowbench.thoughts.listing import Listed, list_statements
from workflowbench.thoughts.vocabulary import Vocabulary, read_vocabulary


@dataclass(frozen=True)
class Program:
    """A program, parsed.

    Attributes:
        code: Its source.
        tree: Its syntax tree.
        vocabulary: What its statements stand for.

    """

    code: str
    tree: ast.Module
    vocabulary: Vocabulary

    @cached_property
    def statements(self) -> list[Listed]:
        """The statements that take a comment."""
        return list_statements(self.code, self.tree)

    def annotated(self, comments: Sequence[str]) -> str:
        """Return the source with a comment above each statement."""
        return insert_comments(self.code, self.tree, comments)


class ProgramReader:
    """Reads programs with the catalogue at hand.

    Args:
        catalogue: API by identifier.

    """

    def __init__(self, catalogue: Mapping[str, Api]) -> None:
        self._catalogue = catalogue
        self._by_function = {api.function: api for api in reversed(tuple(catalogue.values()))}

    def read(self, code: str) -> Program:
        """Parse a program.

        Raises:
            SyntaxError, RecursionError, MemoryError: Python's parser refuses it.

        """
        try:
            tree = ast.parse(code)
        except ValueError as error:
            raise SyntaxError(str(error)) from error
        return Program(code, tree, read_vocabulary(tree, self._catalogue, self._by_function))
