"""Writes an action tree as a Python program (docs/python-style.md).

Every form that is shorter than a plain call is used only where it loses nothing, so that compiling the
program gives the tree back.
"""

import re

from workflowbench.catalogue.flow import output_name
from workflowbench.shortcuts.block_headers import INDENT, HeaderWriter, call, loop_names
from workflowbench.shortcuts.expressions import SOURCES, ExpressionWriter
from workflowbench.shortcuts.implicit_inputs import Flow, flow_after, flow_into
from workflowbench.shortcuts.literals import escape, quote
from workflowbench.shortcuts.names import HELPERS, INPUT_HELPERS, INPUTS, Names, is_loop_variable
from workflowbench.shortcuts.tree import PREFIX, Action, Block, Node, Tree, walk
from workflowbench.shortcuts.values import Attachment, Fields, Text

_RESTORABLE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)+")
_RESULT_NAMES = {
    "if": "If_Result",
    "menu": "Menu_Result",
    "each": "Repeat_Results",
    "count": "Repeat_Results",
}


def write_program(tree: Tree) -> tuple[str, dict[str, str]]:
    """Write a tree as a program.

    Returns:
        The program, and the table of Python name to output UUID, variable name or action identifier.
    """
    writer = _ProgramWriter(tree)
    return writer.program(tree), writer.names.table()


def function_name(identifier: str) -> str | None:
    """Function name of an action, or None if the identifier cannot be told from it again."""
    if not _RESTORABLE.fullmatch(identifier):
        return None
    name = identifier.replace(".", "_")
    return None if name in HELPERS else name


class _ProgramWriter:
    def __init__(self, tree: Tree) -> None:
        self._named = set(tree.referenced)
        _name_block_results(tree, self._named)
        nodes = [node for node, _ in walk(tree.body)]
        self._producers: dict[str, Node] = {}
        for node in nodes:
            if node.uuid is not None:
                self._producers.setdefault(node.uuid, node)
        self._functions = {
            node.identifier: function_name(node.identifier) for node in nodes if type(node) is Action
        }
        self.names = Names({name for name in self._functions.values() if name}, list(tree.variables))
        self._labels = tree.labels
        self._expressions = ExpressionWriter(self._use)
        self._headers = HeaderWriter(self._expressions)
        self._lines: list[str] = []
        self._declarations: dict[str, str] = {}
        self._defined: set[str] = set()
        self._certain: set[str] = set()
        self._uncertain: dict[str, str] = {}

    def program(self, tree: Tree) -> str:
        self._body(tree.body, "", None, 0)
        for name, variable in self._uncertain.items():
            if name not in self._certain:
                self._declare(name, f"named_variable({quote(variable)})")
        lines = [f"{name} = {value}" for name, value in self._declarations.items()]
        return "\n".join([*lines, *self._lines, ""]) if lines or self._lines else ""

    def _declare(self, name: str, value: str) -> None:
        self._declarations.setdefault(name, value)
        self._defined.add(name)

    def _use(self, value: Attachment) -> str:
        """Name of a result, variable or input; declares it if nothing before defines it."""
        key = value.key or ""
        if value.kind in INPUTS:
            name, declaration = INPUTS[value.kind], f"{INPUT_HELPERS[value.kind]}()"
        elif value.kind == "Variable":
            name, declaration = self._variable_name(key), f"named_variable({quote(key)})"
        else:
            name, declaration = (
                self._output_name(key, value.label),
                f"pending_output({quote(value.label or '')})",
            )
        if name not in self._defined:
            self._declare(name, declaration)
        return name

    def _variable_name(self, variable: str) -> str:
        name = self.names.variable(variable)
        if name != variable and not is_loop_variable(variable):
            self._declare(name, f"named_variable({quote(variable)})")
        return name

    def _output_name(self, uuid: str, label: str | None = None) -> str:
        producer = self._producers.get(uuid)
        given = producer.label if producer is not None else None
        label = self._labels.get(uuid, label)
        if isinstance(producer, Block):
            return self.names.output(uuid, given, label, _RESULT_NAMES[producer.kind])
        if producer is None:
            return self.names.output(uuid, label, "Missing_Result")
        last = producer.identifier.rsplit(".", 1)[-1]
        return self.names.output(uuid, given, label, output_name(producer.identifier), last)

    def _target(self, node: Node) -> str:
        """`name = ` if something refers to the node's output."""
        if node.uuid is None or node.uuid not in self._named:
            return ""
        name = self._output_name(node.uuid)
        self._defined.add(name)
        return f"{name} = "

    def _body(self, body: list[Node], indent: str, flow: Flow, loops: int) -> tuple[bool, Flow]:
        """Write a body; returns whether it holds a statement, and what flows on after it."""
        has_statement = False
        for node in body:
            if isinstance(node, Block):
                self._block(node, indent, flow, loops)
                has_statement = True
            elif self._is_comment(node):
                text = escape(node.parameters["WFCommentActionText"]).replace("\n", f"\n{indent}# ")
                self._lines.append(f"{indent}# '''{text}'''")
            else:
                self._lines.append(indent + self._action(node))
                has_statement = True
            flow = flow_after(node, flow)
        return has_statement, flow

    def _is_comment(self, node: Action) -> bool:
        return (
            node.identifier == PREFIX + "comment"
            and node.parameters.keys() == {"WFCommentActionText"}
            and type(node.parameters["WFCommentActionText"]) is str
            and node.uuid not in self._named
        )

    def _action(self, node: Action) -> str:
        form = _FORMS.get(node.identifier)
        statement = form(self, node) if form else None
        if statement is not None:
            return statement
        arguments = self._expressions.arguments(node.parameters)
        function = self._functions[node.identifier]
        if function is None:
            function = self.names.function(node.identifier)
            self._declare(function, f"action({quote(node.identifier)})")
        return self._target(node) + call(function, arguments)

    def _text(self, node: Action) -> str | None:
        text = node.parameters.get("WFTextActionText")
        if len(node.parameters) != 1 or type(text) not in (str, Text):
            return None
        written = self._expressions.write(text)
        return self._target(node) + written

    def _dictionary(self, node: Action) -> str | None:
        items = node.parameters.get("WFItems")
        if len(node.parameters) != 1 or type(items) is not Fields:
            return None
        written = self._expressions.write(items)
        return self._target(node) + written

    def _value_for_key(self, node: Action) -> str | None:
        given = node.parameters
        of, wanted = given.get("WFInput"), given.get("WFGetDictionaryValueType", "Value")
        if type(of) is not Attachment or given.keys() - {
            "WFInput",
            "WFDictionaryKey",
            "WFGetDictionaryValueType",
        }:
            return None
        if wanted == "Value" and type(given.get("WFDictionaryKey")) in (str, Text):
            key = f"[{self._expressions.write(given['WFDictionaryKey'])}]"
        elif wanted in ("All Keys", "All Values") and "WFDictionaryKey" not in given:
            key = ".keys()" if wanted == "All Keys" else ".values()"
        else:
            return None
        written = self._expressions.write(of) + key
        return self._target(node) + written

    def _ask(self, node: Action) -> str:
        arguments = self._expressions.arguments(node.parameters, skip=("WFAskActionPrompt",))
        if "WFAskActionPrompt" in node.parameters:
            arguments.insert(0, self._expressions.write(node.parameters["WFAskActionPrompt"]))
        return f"{self._target(node)}input({', '.join(arguments)})"

    def _set_variable(self, node: Action) -> str | None:
        variable = self._stored_variable(node)
        value = node.parameters.get("WFInput")
        if variable is None or type(value) is not Attachment:
            return None
        written = self._expressions.write(value)
        name = self._variable_name(variable)
        self._defined.add(name)
        if _reads_as_action(value):
            self._uncertain.setdefault(name, variable)
        else:
            self._certain.add(name)
        return f"{name} = {written}"

    def _append_variable(self, node: Action) -> str | None:
        variable = self._stored_variable(node)
        if variable is None or "WFInput" not in node.parameters:
            return None
        written = self._expressions.write(node.parameters["WFInput"])
        name = self._use(Attachment("Variable", variable))
        self._certain.add(name)
        return f"{name}.append({written})"

    def _stored_variable(self, node: Action) -> str | None:
        """Name of the variable that an action sets, if a short form can show all of the action."""
        variable = node.parameters.get("WFVariableName")
        short = node.parameters.keys() <= {"WFInput", "WFVariableName"} and node.uuid not in self._named
        return variable if short and type(variable) is str else None

    def _block(self, block: Block, indent: str, flow: Flow, loops: int) -> None:
        loops += block.kind in ("each", "count")
        headers = self._headers.write(block, loops)
        result = self._result(block, indent)
        inner = indent + (INDENT * 2 if block.kind == "menu" else INDENT)
        incoming = flow_into(block, flow, loops)
        for header, branch in zip(headers, block.branches, strict=False):
            self._lines.extend(indent + line for line in header)
            if block.kind in ("each", "count"):
                self._bind_loop_names(block.kind, loops)
            has_statement, leaving = self._body(branch.body, inner, incoming, loops)
            if result and (collected := self._collect(block, result, leaving)):
                self._lines.append(inner + collected)
            elif not has_statement:
                self._lines.append(inner + "pass")
        if not block.branches:
            self._lines.append(indent + headers[0][0])

    def _bind_loop_names(self, kind: str, loops: int) -> None:
        index, item = loop_names(loops)
        self._defined.add(index)
        if kind == "each":
            self._defined.add(item)

    def _result(self, block: Block, indent: str) -> str | None:
        """Declare the block's result; returns its name if something refers to it."""
        if block.uuid is None or block.uuid not in self._named:
            return None
        name = self._output_name(block.uuid)
        self._defined.add(name)
        self._lines.append(f"{indent}{name} = {'[]' if block.kind in ('each', 'count') else 'None'}")
        return name

    def _collect(self, block: Block, result: str, leaving: Flow) -> str | None:
        """The statement at a branch's end that hands its output to the block's result."""
        if isinstance(leaving, (Action, Block)):
            leaving = Attachment("ActionOutput", leaving.uuid)
        if leaving is None:
            return None
        value = self._expressions.attachment(leaving)
        return f"{result}.append({value})" if block.kind in ("each", "count") else f"{result} = {value}"


_FORMS = {
    PREFIX + "gettext": _ProgramWriter._text,
    PREFIX + "dictionary": _ProgramWriter._dictionary,
    PREFIX + "getvalueforkey": _ProgramWriter._value_for_key,
    PREFIX + "ask": _ProgramWriter._ask,
    PREFIX + "setvariable": _ProgramWriter._set_variable,
    PREFIX + "appendvariable": _ProgramWriter._append_variable,
}


def _reads_as_action(value: Attachment) -> bool:
    """True if assigning the reference looks like an action: a subscript, or a call of an action."""
    if value.steps:
        return value.steps[-1].get("Type") == "WFDictionaryValueVariableAggrandizement"
    return SOURCES.get(value.kind, "").startswith("is_workflow_")


def _name_block_results(tree: Tree, named: set[str]) -> None:
    """Name what the results of blocks are made of: the last output of each of their branches.

    What flows out of a branch may be an earlier block, whose own branches then need names too.
    """
    while True:
        known = len(named)
        _name_last_outputs(tree, named)
        if len(named) == known:
            return


def _name_last_outputs(tree: Tree, named: set[str]) -> None:
    stack: list[tuple[list[Node], Flow, int]] = [(tree.body, None, 0)]
    while stack:
        body, flow, loops = stack.pop()
        for node in body:
            if isinstance(node, Block):
                inner = loops + (node.kind in ("each", "count"))
                incoming = flow_into(node, flow, inner)
                for branch in node.branches:
                    last = _last_output(branch.body, incoming) if node.uuid in named else None
                    if isinstance(last, (Action, Block)):
                        last.uuid = last.uuid or f"RESULT-{len(named)}"
                        named.add(last.uuid)
                    stack.append((branch.body, incoming, inner))
            flow = flow_after(node, flow)


def _last_output(body: list[Node], flow: Flow) -> Flow:
    for node in body:
        flow = flow_after(node, flow)
    return flow
