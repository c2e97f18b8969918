"""Adapting a workflow to given APIs: what it lacks is added, what it refers to is there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from workflowbench.catalogue.api import Api
from workflowbench.catalogue.constructs import CONSTRUCTS, ENDINGS
from workflowbench.expansion.offline_writer import in_order_of_use
from workflowbench.generation.call_building import conforming, documented
from workflowbench.generation.pruning import swept
from workflowbench.generation.scope import SHORTCUT_INPUT, Scope
from workflowbench.generation.value_references import references_in, references_of, with_references
from workflowbench.shortcuts.conditions import HAS_NO_VALUE, Condition
from workflowbench.shortcuts.tree import PREFIX, STORES, Action, Block, Branch, Node, Tree, walk
from workflowbench.shortcuts.values import Attachment

_SOURCES: Mapping[str, str] = {
    "Clipboard": PREFIX + "getclipboard",
    "DeviceDetails": PREFIX + "getdevicedetails",
}
"""Sources of values that a program writes as a call of an API."""


def adapted(kept: Sequence[Node], apis: Sequence[Api], catalogue: Mapping[str, Api]) -> Tree:
    """Return the tree of a program that calls every given API and no other.

    Args:
        kept: What is kept of a workflow, from `pruned`, outputs keyed by their Python names; may be empty.
        apis: The given APIs.
        catalogue: API by identifier, for the arguments of what is written as a part of the language.

    """
    return _Adapter(apis, catalogue).tree(kept)


class _Adapter:
    def __init__(self, apis: Sequence[Api], catalogue: Mapping[str, Api]) -> None:
        self._catalogue = catalogue
        self._apis = {api.identifier: api for api in apis}
        self._same: dict[str, str] = {}
        self._added = 0

    def tree(self, kept: Sequence[Node]) -> Tree:
        scope = Scope()
        body = self._body(kept, scope)
        called = {node.identifier for node, _ in walk(body) if type(node) is Action}
        missing = [api for key, api in self._apis.items() if key not in called | CONSTRUCTS | ENDINGS]
        body += [self._new_call(api, scope) for api in in_order_of_use(missing)]
        body = swept([*body, *self._endings(scope)])
        variables = dict.fromkeys(_referenced(body, "Variable"))
        return Tree(body, set(_referenced(body, "ActionOutput")), variables)

    def _body(self, body: Sequence[Node], scope: Scope) -> list[Node]:
        done: list[Node] = []
        for node in body:
            if isinstance(node, Block):
                done.append(self._block(node, scope))
                continue
            call = self._call(node, scope)
            before = done[-1] if done else None
            if isinstance(before, Action) and _is_repeated(call, before):
                self._same[call.uuid or ""] = before.uuid or ""
            else:
                done.append(call)
                self._define(call, scope)
        return done

    def _call(self, node: Action, scope: Scope) -> Action:
        parameters = with_references(node.parameters, lambda found: self._resolved(found, scope))
        if node.identifier not in CONSTRUCTS:
            parameters = conforming(self._apis[node.identifier], parameters, scope)
        elif api := self._catalogue.get(node.identifier):
            parameters = documented(api, parameters)
        uuid = node.uuid or self._new_name(node.identifier)
        return Action(node.identifier, parameters, uuid, node.uuid)

    def _new_call(self, api: Api, scope: Scope) -> Action:
        parameters = conforming(api, {}, scope)
        label = api.output_name or api.name
        call = Action(api.identifier, parameters, self._new_name(api.identifier), label)
        self._define(call, scope)
        return call

    def _new_name(self, identifier: str) -> str:
        self._added += 1
        return f"{identifier} {self._added}"

    def _define(self, call: Action, scope: Scope) -> None:
        if call.identifier in STORES:
            scope.variables.add(str(call.parameters.get("WFVariableName")))
            return
        api = self._apis.get(call.identifier)
        is_result = api is not None and api.output_name is not None and call.identifier not in CONSTRUCTS
        scope.define(call.uuid or "", api if is_result else None)

    def _block(self, block: Block, scope: Scope) -> Block:
        def resolved(found: Attachment) -> Attachment:
            return self._resolved(found, scope)

        is_loop = block.kind in ("each", "count")
        inner = [
            scope.loop(over_items=block.kind == "each") if is_loop else scope.inner() for _ in block.branches
        ]
        adapted_block = replace(
            block,
            parameters=with_references(block.parameters, resolved),
            conditions=[_with_references(condition, scope, resolved) for condition in block.conditions],
            branches=[
                Branch(self._body(branch.body, own), with_references(branch.title, resolved))
                for branch, own in zip(block.branches, inner, strict=True)
            ],
        )
        if block.kind != "if" or len(inner) == 2:
            scope.join(inner)
        return adapted_block

    def _resolved(self, found: Attachment, scope: Scope) -> Attachment:
        """Return a reference that is defined; the newest result stands in for one that is not."""
        found = replace(found, key=self._same.get(found.key, found.key)) if found.key else found
        if self._is_defined(found, scope):
            held = [inner for step in found.steps for inner in references_in(step)]
            return found if not held else replace(found, steps=())
        return scope.latest() or SHORTCUT_INPUT

    def _is_defined(self, found: Attachment, scope: Scope) -> bool:
        key = found.key or ""
        match found.kind:
            case "ActionOutput":
                return key in scope.names
            case "Variable":
                return key in scope.variables
            case kind:
                return kind not in _SOURCES or _SOURCES[kind] in self._apis

    def _endings(self, scope: Scope) -> list[Node]:
        """Calls that end the run come last; of several, all but the last one run only without a value."""
        ends = [self._new_call(api, scope) for key, api in self._apis.items() if key in ENDINGS]
        tested = scope.latest() or SHORTCUT_INPUT
        guarded: list[Node] = [
            Block("if", {}, [Branch([end])], [Condition(tested, HAS_NO_VALUE)]) for end in ends[:-1]
        ]
        return guarded + list[Node](ends[-1:])


def _is_repeated(call: Action, before: Action) -> bool:
    return call.identifier == before.identifier and call.parameters == before.parameters


def _with_references(
    condition: Condition, scope: Scope, resolved: Callable[[Attachment], Attachment]
) -> Condition:
    tested = with_references(condition.input, resolved)
    if not isinstance(tested, Attachment):
        tested = scope.latest() or SHORTCUT_INPUT
    return Condition(tested, condition.code, with_references(condition.operands, resolved))


def _referenced(body: list[Node], kind: str) -> Iterator[str]:
    """Keys of the references of a kind, and of the variables that are set, in the order of the program."""
    for node, _ in walk(body):
        if kind == "Variable" and isinstance(node, Action) and node.identifier in STORES:
            yield str(node.parameters.get("WFVariableName"))
        yield from (found.key or "" for found in references_of(node) if found.kind == kind)
