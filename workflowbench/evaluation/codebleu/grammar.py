"""The grammar of Python that CodeBLEU counts by, pinned: another version gives other scores."""

import importlib.metadata
import warnings

import tree_sitter_python
from tree_sitter import Language, Node, Parser

with warnings.catch_warnings():
    # tree-sitter-python 0.21 hands its grammar over as an integer, which tree-sitter calls deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    LANGUAGE = Language(tree_sitter_python.language())

GRAMMAR = f"tree-sitter-python {importlib.metadata.version('tree-sitter-python')}"
"""Name and version of the grammar; belongs into every published score."""
PARSER = f"tree-sitter {importlib.metadata.version('tree-sitter')}"
"""Name and version of the parser."""
ERROR = 65535
"""Kind of a node that holds what the grammar does not allow."""


def parse(source: bytes) -> Node:
    """The root of the syntax tree; any bytes give a tree, with `ERROR` nodes where they are no Python."""
    return Parser(LANGUAGE).parse(source).root_node


def kind(name: str, *, named: bool = True) -> int:
    """Number of a kind of node.

    Raises:
        ValueError: The grammar has no such kind.

    """
    number = LANGUAGE.id_for_node_kind(name, named)
    if number is None:
        raise ValueError(f"{GRAMMAR} has no kind of node named {name}")
    return number


def field_id(name: str) -> int:
    """Number of a field of the grammar.

    Raises:
        ValueError: The grammar has no such field.

    """
    number = LANGUAGE.field_id_for_name(name)
    if number is None:
        raise ValueError(f"{GRAMMAR} has no field named {name}")
    return number


def _named_kinds() -> bytearray:
    named = bytearray(ERROR + 1)
    named[ERROR] = 1
    for number in range(LANGUAGE.node_kind_count):
        named[number] = LANGUAGE.node_kind_is_named(number)
    return named


NAMED = _named_kinds()
"""By kind: 1 if its nodes are named in the grammar, 0 for punctuation and keywords."""
KIND_NAMES = {ERROR: "ERROR"} | {
    number: LANGUAGE.node_kind_for_id(number) or "" for number in range(LANGUAGE.node_kind_count)
}
"""By kind: its name; a keyword's or sign's name is its text."""
