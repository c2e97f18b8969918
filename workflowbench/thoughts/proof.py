"""The proof that annotation changed nothing but names: two programs compared as syntax trees."""

import ast
from collections.abc import Mapping


def same_tree_but_for_names(a: str, b: str, renamed: Mapping[str, str]) -> bool:
    """Tell whether `b` is `a` with its names replaced through `renamed`, comments and layout aside.

    Equivalent to comparing `ast.dump` of both after mapping the names of `b` back. The mapping must be a
    bijection on the names of `a`: two names may not fall together. A program that does not parse matches
    nothing.
    """
    try:
        return match_trees(ast.parse(a), ast.parse(b), renamed)
    except (SyntaxError, ValueError):
        return False


def match_trees(a: ast.AST, b: ast.AST, renamed: Mapping[str, str]) -> bool:
    """Make the same comparison for trees that are parsed already."""
    names: set[str] = set()
    pattern_names: set[str] = set()
    pairs: list[tuple[object, object]] = [(a, b)]
    while pairs:
        left, right = pairs.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, ast.Name) and isinstance(right, ast.Name):
            names.add(left.id)
            if renamed.get(left.id, left.id) != right.id or type(left.ctx) is not type(right.ctx):
                return False
        elif isinstance(left, ast.AST):
            if isinstance(left, ast.MatchAs | ast.MatchStar) and left.name:
                pattern_names.add(left.name)
            pairs.extend((getattr(left, field, None), getattr(right, field, None)) for field in left._fields)
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pairs.extend(zip(left, right, strict=True))
        elif left != right or (not isinstance(left, str) and repr(left) != repr(right)):
            return False
    return _is_bijection(names | pattern_names, renamed) and pattern_names.isdisjoint(renamed)


def _is_bijection(names: set[str], renamed: Mapping[str, str]) -> bool:
    return len({renamed.get(name, name) for name in names}) == len(names)
