"""The lines that open blocks (`if`, `match`, `case`, `for`): written, and read back."""

import ast
from typing import Any

from workflowbench.shortcuts.condition_expressions import ConditionReader, ConditionWriter
from workflowbench.shortcuts.expression_reading import ExpressionReader
from workflowbench.shortcuts.expressions import ExpressionWriter
from workflowbench.shortcuts.implicit_inputs import loop_variable
from workflowbench.shortcuts.literals import quote
from workflowbench.shortcuts.names import MENU_CHOICE
from workflowbench.shortcuts.program_errors import error_at
from workflowbench.shortcuts.tree import BLOCK_IDENTIFIERS, Block

INDENT = "    "
MENU_FUNCTION = "choose_from_menu"
_LOOP_FORMS = "a loop runs over `enumerate(x, start=1)` or `range(1, int(n) + 1)`"


def call(function: str, arguments: list[str]) -> str:
    """A call in the published style: a blank after the parenthesis."""
    return f"{function}( {', '.join(arguments)})" if arguments else f"{function}()"


def loop_names(loops: int) -> tuple[str, str]:
    """Python names of index and item of a loop; `loops` counts the loops around it, itself included."""
    index, item = loop_variable("Repeat Index", loops), loop_variable("Repeat Item", loops)
    return index.replace(" ", "_"), item.replace(" ", "_")


def _loop_function(kind: str) -> str:
    return BLOCK_IDENTIFIERS[kind].replace(".", "_")


class HeaderWriter:
    """Writes the headers of one program with the writer of its values."""

    def __init__(self, expressions: ExpressionWriter) -> None:
        self._expressions = expressions
        self._conditions = ConditionWriter(expressions)

    def write(self, block: Block, loops: int) -> list[list[str]]:
        """Lines before each branch's body; a menu without cases is one plain call."""
        if block.kind == "if":
            condition = self._conditions.write(block.conditions, block.match_any, block.parameters)
            return [[f"if {condition}:"], ["else:"]]
        if block.kind == "menu":
            return self._menu(block)
        index, item = loop_names(loops)
        if block.kind == "each":
            return [[f"for {index}, {item} in {self._iterated(block)}:"]]
        return [[f"for {index} in {self._counted(block)}:"]]

    def _menu(self, block: Block) -> list[list[str]]:
        subject = call(MENU_FUNCTION, self._expressions.arguments(block.parameters))
        if not block.branches:
            return [[subject]]
        first, *others = [f"{INDENT}case {self._pattern(branch.title)}:" for branch in block.branches]
        return [[f"match {subject}:", first], *([case] for case in others)]

    def _pattern(self, title: Any) -> str:
        if title is None or type(title) is str:
            return "None" if title is None else quote(title)
        return f"{MENU_CHOICE} if {MENU_CHOICE} == {self._expressions.write(title)}"

    def _iterated(self, block: Block) -> str:
        if block.parameters.keys() == {"WFInput"}:
            return f"enumerate({self._expressions.write(block.parameters['WFInput'])}, start=1)"
        return call(_loop_function("each"), self._expressions.arguments(block.parameters))

    def _counted(self, block: Block) -> str:
        if block.parameters.keys() == {"WFRepeatCount"}:
            return f"range(1, int({self._expressions.write(block.parameters['WFRepeatCount'])}) + 1)"
        return call(_loop_function("count"), self._expressions.arguments(block.parameters))


class HeaderReader:
    """Reads the headers of one program with the reader of its values."""

    def __init__(self, expressions: ExpressionReader) -> None:
        self._expressions = expressions
        self._conditions = ConditionReader(expressions)

    def read_if(self, statement: ast.If) -> Block:
        """The block of an `if`, without its branches."""
        conditions, match_any, extras = self._conditions.read(statement.test)
        return Block("if", extras, conditions=conditions, match_any=match_any)

    def read_menu(self, subject: ast.expr) -> Block:
        """The block of a menu, without its cases."""
        if not isinstance(subject, ast.Call) or ast.unparse(subject.func) != MENU_FUNCTION:
            raise error_at(subject, f"a menu is `match {MENU_FUNCTION}( ...)`")
        return Block("menu", self._expressions.arguments(subject))

    def read_for(self, statement: ast.For, loops: int) -> Block:
        """The block of a loop, without its body; `loops` counts the loops around, itself included."""
        iterated = statement.iter
        if not isinstance(iterated, ast.Call) or not isinstance(iterated.func, ast.Name):
            raise error_at(iterated, _LOOP_FORMS)
        kind = self._loop_kind(statement, iterated.func.id, loops)
        return Block(kind, self._loop_parameters(iterated, iterated.func.id))

    def _loop_kind(self, statement: ast.For, function: str, loops: int) -> str:
        index, item = loop_names(loops)
        if function in ("enumerate", _loop_function("each")):
            kind, expected = "each", f"({index}, {item})"
        elif function in ("range", _loop_function("count")):
            kind, expected = "count", index
        else:
            raise error_at(statement.iter, _LOOP_FORMS)
        if ast.unparse(statement.target) != expected:
            raise error_at(statement.target, f"at this depth of loops the name is {expected}")
        return kind

    def _loop_parameters(self, iterated: ast.Call, function: str) -> dict[str, Any]:
        match iterated:
            case ast.Call(
                func=ast.Name(id="enumerate"),
                args=[items],
                keywords=[ast.keyword(arg="start", value=ast.Constant(value=1))],
            ):
                return {"WFInput": self._expressions.read(items)}
            case ast.Call(
                func=ast.Name(id="range"),
                args=[
                    ast.Constant(value=1),
                    ast.BinOp(
                        left=ast.Call(func=ast.Name(id="int"), args=[count], keywords=[]),
                        op=ast.Add(),
                        right=ast.Constant(value=1),
                    ),
                ],
                keywords=[],
            ):
                return {"WFRepeatCount": self._expressions.read(count)}
        if function in ("enumerate", "range"):
            raise error_at(iterated, _LOOP_FORMS)
        return self._expressions.arguments(iterated)

    def read_title(self, case: ast.match_case) -> Any:
        """Title of a menu's case."""
        match case:
            case ast.match_case(pattern=ast.MatchSingleton(value=None), guard=None):
                return None
            case ast.match_case(pattern=ast.MatchValue(value=ast.Constant(value=str(title))), guard=None):
                return title
            case ast.match_case(
                pattern=ast.MatchAs(name=name, pattern=None),
                guard=ast.Compare(left=ast.Name(id=left), ops=[ast.Eq()], comparators=[title]),
            ) if name == left == MENU_CHOICE:
                return self._expressions.read(title)
        raise error_at(case.pattern, f"a case is a text, or `{MENU_CHOICE} if {MENU_CHOICE} == f'''...'''`")
