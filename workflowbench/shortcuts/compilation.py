"""Compiles a Python program of the style back into an action tree. Nothing is executed."""

import ast
import re
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from workflowbench.shortcuts.block_headers import MENU_FUNCTION, HeaderReader
from workflowbench.shortcuts.expression_reading import ExpressionReader, is_reference
from workflowbench.shortcuts.implicit_inputs import Flow, flow_after, flow_into
from workflowbench.shortcuts.names import HELPERS, loop_variable_of
from workflowbench.shortcuts.program_comments import Comment, find_comments
from workflowbench.shortcuts.program_errors import ProgramError, UndefinedNameError, error_at
from workflowbench.shortcuts.program_names import ProgramNames, appended_name, declaration_of, find_names
from workflowbench.shortcuts.tree import PREFIX, Action, Block, Branch, Node, Tree
from workflowbench.shortcuts.values import Attachment, Fields, Text

_ELSE = re.compile(r" *else *:")
_TEXT_METHODS = frozenset({"keys", "values"})


def compile_program(source: str, functions: Mapping[str, str] | None = None) -> Tree:
    """Compile a program into an action tree; outputs are keyed by their Python names.

    Args:
        source: The program.
        functions: Action identifier by function name, for names that do not restore it by themselves
            (an API catalogue knows them); a declaration in the program comes first.

    Raises:
        ProgramError: The program is not of the style; line, column and reason say where and why.
    """
    return compile_module(source, parse(source), functions)


def parse(source: str) -> ast.Module:
    """Parse a program with Python's own parser; a fault is a ProgramError, a warning is nobody's concern."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        raise ProgramError(error.lineno or 1, error.offset or 1, f"no Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ProgramError(1, 1, f"no Python: {error or type(error).__name__}") from None


def compile_module(source: str, module: ast.Module, functions: Mapping[str, str] | None = None) -> Tree:
    """Compile a program that was parsed already."""
    names = find_names(module)
    compiler = _Compiler(names, find_comments(source, names.text_lines), source, functions or {})
    try:
        return compiler.tree(module)
    except RecursionError:
        raise ProgramError(1, 1, "an expression is nested too deep") from None


class _Compiler:
    def __init__(
        self, names: ProgramNames, comments: list[Comment], source: str, functions: Mapping[str, str]
    ) -> None:
        self._names = names
        self._functions = {**functions, **names.functions}
        self._comments = comments
        self._next_comment = 0
        self._lines = source.split("\n") if comments else []
        self._reader = ExpressionReader(self._resolve)
        self._headers = HeaderReader(self._reader)
        self._defined: set[str] = set()
        self._referenced: set[str] = set()
        self._invented = 0

    def tree(self, module: ast.Module) -> Tree:
        body = self._body(module.body, 0, sys.maxsize, None, 0, None)
        return Tree(body, self._referenced)

    def _resolve(self, name: ast.Name) -> Attachment:
        if (variable := loop_variable_of(name.id)) is not None:
            return Attachment("Variable", variable)
        if name.id not in self._defined:
            reason = f"`{name.id}` is not defined before this line"
            raise UndefinedNameError(name.lineno, name.col_offset + 1, reason)
        if (kind := self._names.inputs.get(name.id)) is not None:
            return Attachment(kind)
        if (variable := self._names.variables.get(name.id)) is not None:
            return Attachment("Variable", variable)
        self._referenced.add(name.id)
        return Attachment("ActionOutput", name.id)

    def _body(
        self, statements: list[ast.stmt], column: int, limit: int, flow: Flow, loops: int, result: str | None
    ) -> list[Node]:
        """Compile the statements of one block.

        Args:
            statements: The statements.
            column: Indentation of the body, to tell its comments from those after it.
            limit: First line after the body.
            flow: What the first action receives.
            loops: Number of loops around.
            result: Name of the surrounding block's result, which the last statement may set.
        """
        nodes: list[Node] = []
        pending: str | None = None
        for index, statement in enumerate(statements):
            nodes.extend(self._comments_before(statement.lineno, 0))
            end = statements[index + 1].lineno if index + 1 < len(statements) else limit
            if (name := self._result_started(statement, statements[index + 1 : index + 2])) is not None:
                self._defined.add(name)
                pending = name
                continue
            added = self._collected(statement, result, flow)
            if added is None:
                start = len(nodes)
                self._statement(statement, end, flow, loops, nodes, pending)
                added = nodes[start:]
            elif index + 1 < len(statements):
                raise error_at(statement, f"`{result}` takes its value at the end of the branch")
            else:
                nodes.extend(added)
            pending = None
            for node in added:
                flow = flow_after(node, flow)
        nodes.extend(self._comments_before(limit, column))
        return nodes

    def _comments_before(self, line: int, column: int) -> list[Action]:
        found = []
        while self._next_comment < len(self._comments):
            comment = self._comments[self._next_comment]
            if comment.line >= line or comment.column < column:
                break
            found.append(Action(PREFIX + "comment", {"WFCommentActionText": comment.text}))
            self._next_comment += 1
        return found

    def _result_started(self, statement: ast.stmt, following: list[ast.stmt]) -> str | None:
        """Name of a block's result if a statement declares it for the block that follows."""
        if type(statement) is not ast.Assign or type(target := statement.targets[0]) is not ast.Name:
            return None
        value = statement.value
        empty = (type(value) is ast.Constant and value.value is None) or (
            type(value) is ast.List and not value.elts
        )
        return target.id if following and empty and target.id in self._names.results else None

    def _collected(self, statement: ast.stmt, result: str | None, flow: Flow) -> list[Node] | None:
        """What handing a value to the surrounding block's result adds; None for any other statement.

        Nothing is added if the value is what flows on anyway.
        """
        value: ast.expr | None = None
        if type(statement) is ast.Assign and type(target := statement.targets[0]) is ast.Name:
            value = statement.value if result is not None and target.id == result else None
        elif type(statement) is ast.Expr and result is not None and appended_name(statement.value) == result:
            assert isinstance(statement.value, ast.Call)
            value = statement.value.args[0] if len(statement.value.args) == 1 else None
        if value is None:
            return None
        if isinstance(flow, (Action, Block)):
            if type(value) is ast.Name and value.id == flow.uuid:
                return []
        elif type(value) is not ast.Constant and self._reader.reference(value) == flow:
            return []
        return [Action(PREFIX + "getvariable", {"WFVariable": self._reader.reference(value)})]

    def _statement(
        self, statement: ast.stmt, end: int, flow: Flow, loops: int, nodes: list[Node], result: str | None
    ) -> None:
        kind = type(statement)
        if kind is ast.Pass:
            return
        if isinstance(statement, ast.Assign):
            self._defined.add(self._assign(statement, nodes))
        elif isinstance(statement, ast.Expr):
            self._expression(statement.value, nodes, result)
        elif isinstance(statement, ast.If):
            nodes.append(self._if(statement, end, flow, loops, result))
        elif isinstance(statement, ast.For):
            nodes.append(self._for(statement, end, flow, loops, result))
        elif isinstance(statement, ast.Match):
            nodes.append(self._match(statement, end, flow, loops, result))
        else:
            raise error_at(statement, f"a workflow has no {kind.__name__} statement")

    def _assign(self, statement: ast.Assign, nodes: list[Node]) -> str:
        """Compile an assignment; returns the name that it defines."""
        target = statement.targets[0]
        if len(statement.targets) != 1 or type(target) is not ast.Name:
            raise error_at(statement, "a statement assigns one name")
        if declaration_of(statement):
            return target.id
        variable = loop_variable_of(target.id) or self._names.variables.get(target.id)
        if variable is None:
            nodes.append(self._action(statement.value, target.id))
            return target.id
        if is_reference(statement.value):
            value = self._reader.reference(statement.value)
        else:
            self._invented += 1
            key = f"{target.id} {self._invented}"
            nodes.append(self._action(statement.value, key))
            self._referenced.add(key)
            value = Attachment("ActionOutput", key)
        nodes.append(Action(PREFIX + "setvariable", {"WFInput": value, "WFVariableName": variable}))
        return target.id

    def _expression(self, value: ast.expr, nodes: list[Node], result: str | None) -> None:
        name = appended_name(value)
        if name is None:
            if type(value) is ast.Call and type(value.func) is ast.Name and value.func.id == MENU_FUNCTION:
                nodes.append(Block("menu", self._reader.arguments(value), uuid=result))
                return
            nodes.append(self._action(value, None))
            return
        assert isinstance(value, ast.Call)
        if name in self._names.results:
            raise error_at(value, f"`{name}` is the result of a loop, which the end of its body adds to")
        if len(value.args) != 1 or value.keywords:
            raise error_at(value, "`append` takes one value")
        variable = loop_variable_of(name) or self._names.variables[name]
        parameters = {"WFInput": self._reader.read(value.args[0]), "WFVariableName": variable}
        nodes.append(Action(PREFIX + "appendvariable", parameters))

    def _action(self, value: ast.expr, name: str | None) -> Action:
        """The action that an expression statement, or the right side of an assignment, stands for."""
        if isinstance(value, ast.Call):
            return self._call(value, name)
        if isinstance(value, ast.Subscript):
            key = self._reader.read(value.slice)
            parameters = {"WFDictionaryKey": key, "WFInput": self._reader.reference(value.value)}
            return Action(PREFIX + "getvalueforkey", parameters, name)
        if isinstance(value, (ast.Constant, ast.JoinedStr, ast.Dict)):
            read = self._reader.read(value)
            if type(read) in (str, Text):
                return Action(PREFIX + "gettext", {"WFTextActionText": read}, name)
            if type(read) is Fields:
                return Action(PREFIX + "dictionary", {"WFItems": read}, name)
        raise error_at(
            value, "this expression is no action; text, a dictionary, a value for a key or a call is"
        )

    def _call(self, call: ast.Call, name: str | None) -> Action:
        function = call.func
        if isinstance(function, ast.Attribute):
            if function.attr in _TEXT_METHODS and not call.args and not call.keywords:
                wanted = "All Keys" if function.attr == "keys" else "All Values"
                of = self._reader.reference(function.value)
                parameters = {"WFGetDictionaryValueType": wanted, "WFInput": of}
                return Action(PREFIX + "getvalueforkey", parameters, name)
            if function.attr == "format":
                return Action(PREFIX + "gettext", {"WFTextActionText": self._reader.read(call)}, name)
        if not isinstance(function, ast.Name):
            raise error_at(call, "this call is no action")
        if function.id == "input":
            return self._ask(call, name)
        return Action(self._identifier(function), self._reader.arguments(call), name)

    def _identifier(self, function: ast.Name) -> str:
        identifier = self._functions.get(function.id)
        if identifier is not None:
            return identifier
        if function.id in HELPERS or "_" not in function.id:
            raise error_at(
                function, f"`{function.id}` is no action; an action's name is its identifier with `_`"
            )
        return function.id.replace("_", ".")

    def _ask(self, call: ast.Call, name: str | None) -> Action:
        parameters = self._reader.arguments(call, skip=1)
        if call.args:
            if "WFAskActionPrompt" in parameters:
                raise error_at(call, "`WFAskActionPrompt` is given twice")
            parameters["WFAskActionPrompt"] = self._reader.read(call.args[0])
        return Action(PREFIX + "ask", parameters, name)

    def _if(self, statement: ast.If, end: int, flow: Flow, loops: int, result: str | None) -> Block:
        block = self._headers.read_if(statement)
        block.uuid = result
        incoming = flow_into(block, flow, loops)
        middle = self._else_line(statement) if statement.orelse else end
        self._branch(block, statement.body, middle, incoming, loops, None)
        if statement.orelse:
            self._branch(block, statement.orelse, end, incoming, loops, None)
        return block

    def _branch(
        self, block: Block, body: list[ast.stmt], end: int, flow: Flow, loops: int, title: Any
    ) -> None:
        nodes = self._body(body, body[0].col_offset, end, flow, loops, block.uuid)
        block.branches.append(Branch(nodes, title))

    def _else_line(self, statement: ast.If) -> int:
        """Line of the `else:`, which a syntax tree does not tell; needed only to place comments."""
        first = statement.orelse[0].lineno
        last = statement.body[-1].end_lineno or first
        return next((line for line in range(first, last, -1) if _ELSE.match(self._line(line))), first)

    def _line(self, number: int) -> str:
        return self._lines[number - 1] if self._lines else ""

    def _for(self, statement: ast.For, end: int, flow: Flow, loops: int, result: str | None) -> Block:
        loops += 1
        if statement.orelse:
            raise error_at(statement.orelse[0], "a loop has no `else`")
        block = self._headers.read_for(statement, loops)
        block.uuid = result
        self._branch(block, statement.body, end, flow_into(block, flow, loops), loops, None)
        return block

    def _match(self, statement: ast.Match, end: int, flow: Flow, loops: int, result: str | None) -> Block:
        block = self._headers.read_menu(statement.subject)
        block.uuid = result
        ends = [case.pattern.lineno for case in statement.cases[1:]] + [end]
        for case, case_end in zip(statement.cases, ends, strict=True):
            self._branch(
                block,
                case.body,
                case_end,
                flow_into(block, flow, loops),
                loops,
                self._headers.read_title(case),
            )
        return block
