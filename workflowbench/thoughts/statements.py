"""What a statement of a program does, as one plain sentence."""

import ast
import re
from collections.abc import Iterator, Mapping

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.thoughts.action_sentences import action_sentence
from workflowbench.thoughts.phrases import condition, listed, phrase, plain_text
from workflowbench.thoughts.vocabulary import (
    DECLARATIONS,
    Vocabulary,
    function_of,
    is_empty_collector,
)
from workflowbench.thoughts.wording import key_words, lower_first, one_line, quote, upper_first

_DESCRIPTION_LIMIT = 90
_CORE_LIMIT = 60
_LABEL_LIMIT = 30
_SENTENCE_LIMIT = 200
_ASIDE = re.compile(r"[;:(]| - |, e\.g\.")
# Keys that hold how the editor shows an action, not what it does.
_EDITOR_KEYS = (
    "Show-",
    "ShowWhenRun",
    "AppIntentDescriptor",
    "CustomOutputName",
    "GroupingIdentifier",
    "UUID",
)


def sentence(node: ast.stmt, vocabulary: Vocabulary, *, arguments: int = 4) -> str:
    """Say what a statement does, on one line; a block is named by its head.

    Args:
        node: The statement.
        vocabulary: What the names of its program stand for.
        arguments: How many arguments of an action are told.

    """
    match node:
        case ast.Assign(targets=[ast.Name(id=target)], value=value):
            text = _assignment(target, value, vocabulary, arguments)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[item])):
            verb = "Collects" if phrase(owner) in vocabulary.collectors else "Adds"
            text = f"{verb} {phrase(item)} {'in' if verb == 'Collects' else 'to'} {phrase(owner)}"
        case ast.Expr(value=value):
            text = _value_sentence(value, vocabulary, arguments)
        case ast.If(test=test):
            text = f"If {condition(test)}"
        case ast.For():
            text = _loop(node)
        case ast.Match(subject=subject):
            text = _menu(subject)
        case ast.Pass():
            text = "Does nothing here"
        case _:
            text = f"Runs {ast.unparse(node)}"
    return one_line(text, _SENTENCE_LIMIT)


def choice(case: ast.match_case) -> str:
    """Name a branch of a menu: `When 'Yes' is chosen`."""
    match case.pattern, case.guard:
        case ast.MatchValue(value=title), _:
            return f"When {phrase(title)} is chosen"
        case _, ast.Compare(comparators=[title]):
            return f"When {phrase(title)} is chosen"
        case _:
            return "When anything else is chosen"


def is_bookkeeping(node: ast.stmt) -> bool:
    """Tell whether a statement only declares a name, starts a block's result or does nothing."""
    match node:
        case ast.Pass():
            return True
        case (
            ast.Assign(value=ast.Call(func=ast.Name(id=name)))
            | ast.Expr(value=ast.Call(func=ast.Name(id=name)))
        ):
            return name in DECLARATIONS or name == "is_workflow_actions_nothing"
        case ast.Assign(value=value):
            return is_empty_collector(value)
        case _:
            return False


def _assignment(target: str, value: ast.expr, vocabulary: Vocabulary, arguments: int) -> str:
    match value:
        case ast.Call(func=ast.Name(id=helper), args=[ast.Constant(value=str() as text)]) if (
            helper in DECLARATIONS
        ):
            return _declaration(helper, target, text)
        case ast.Call(func=ast.Name(id="action_input" | "shortcut_input" as helper)):
            return _declaration(helper, target, "")
        case ast.Constant(value=None):
            return f"Starts {target} without a value"
        case ast.List(elts=[]):
            return f"Starts {target} as an empty list"
    if target in vocabulary.collectors:
        return f"Keeps {phrase(value)} as {target}"
    return _value_sentence(value, vocabulary, arguments, target)


def _declaration(helper: str, target: str, text: str) -> str:
    match helper:
        case "action":
            return f"Declares the action {one_line(text, _DESCRIPTION_LIMIT)}"
        case "named_variable":
            is_known = text == target
            return f"Declares the variable {target if is_known else f'{quote(text)}, known here as {target}'}"
        case "shortcut_input":
            return f"Takes the input of the shortcut as {target}"
        case "action_input":
            return f"Takes the input of the action as {target}"
        case _:
            return f"Declares {target}, the result of a later step"


def _value_sentence(value: ast.expr, vocabulary: Vocabulary, arguments: int, target: str = "") -> str:
    match value:
        case ast.Call(func=ast.Name(id="input")):
            return _ask(value)
        case ast.Subscript(value=owner, slice=key):
            return f"Gets the value for {phrase(key)} from {phrase(owner)}"
        case ast.Call(func=ast.Attribute(value=owner, attr="keys" | "values" as which)):
            return f"Gets all {which} of {phrase(owner)}"
        case ast.Dict(keys=keys):
            entries = listed([key for key in keys if key])
            return f"Makes a dictionary with {entries}" if keys else "Makes an empty dictionary"
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="format")) | ast.JoinedStr():
            return f"Composes the text {phrase(value)}"
        case ast.Constant(value=str() as text):
            shown = phrase(value)
            return f"Takes the text {shown}" if text.strip() else "Takes an empty text"
        case ast.Call(func=ast.Name(id=function)) if function_of(value):
            return _action(value, function, vocabulary, arguments)
        case _:
            return f"Sets {target} to {phrase(value)}" if target else f"Takes {phrase(value)}"


def _ask(call: ast.Call) -> str:
    kinds = [plain_text(keyword.value) for keyword in call.keywords if keyword.arg == "WFInputType"]
    kind = lower_first(kinds[0]) if kinds else "input"
    article = "" if kind == "input" else "an " if kind[:1] in "aeio" else "a "
    prompts = [phrase(prompt) for prompt in call.args[:1] if plain_text(prompt)]
    return ": ".join([f"Asks for {article}{kind}", *prompts])


def _loop(node: ast.For) -> str:
    match node.iter:
        case ast.Call(func=ast.Name(id="enumerate"), args=[items, *_]):
            return f"For each item of {phrase(items)}"
        case ast.Call(func=ast.Name(id="range"), args=[_, ast.BinOp(left=count)]):
            return f"Repeats {phrase(count)} times"
        case ast.Call(func=ast.Name(id="range"), args=[_, ast.Constant(value=int() as stop)]):
            return f"Repeats {stop - 1} times"
        case _:
            return f"Repeats over {phrase(node.iter)}"


def _menu(subject: ast.expr) -> str:
    prompt, items = "", ""
    if isinstance(subject, ast.Call):
        for keyword in subject.keywords:
            if keyword.arg == "WFMenuPrompt":
                prompt = f": {phrase(keyword.value)}"
            elif keyword.arg == "WFMenuItems" and isinstance(keyword.value, ast.List):
                items = f" ({listed(keyword.value.elts)})"
    return f"Lets the person choose from a menu{prompt}{items}"


def _action(call: ast.Call, function: str, vocabulary: Vocabulary, limit: int) -> str:
    api = vocabulary.api_of(call)
    head = _what(api) if api else _unknown(function, vocabulary)
    parameters = {parameter.key: parameter for parameter in api.parameters} if api else {}
    given = sorted(_told_arguments(call), key=lambda pair: _rank(pair[0], api, parameters))
    if limit and (own := action_sentence(api.function if api else function, dict(given))):
        return own
    told = [(_label(key, parameters.get(key)), phrase(value)) for key, value in given]
    match told[:limit]:
        case []:
            return head
        case [(_, only)] if only not in ("on", "off"):
            return f"{head}: {only}"
        case shown:
            return f"{head}: {', '.join(f'{label} {value}' for label, value in shown)}"


def arguments_of(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Key and value of each argument of an action, `**{...}` included, without those of the editor."""
    for keyword in call.keywords:
        match keyword:
            case ast.keyword(arg=str() as key, value=value):
                pairs = [(key, value)]
            case ast.keyword(value=ast.Dict(keys=keys, values=values)):
                pairs = [(plain_text(key), value) for key, value in zip(keys, values, strict=True) if key]
            case _:
                pairs = []
        yield from ((key, value) for key, value in pairs if not key.startswith(_EDITOR_KEYS))


def _told_arguments(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Arguments that tell a reader something: neither empty texts nor the editor's own state."""
    for key, value in arguments_of(call):
        match value:
            case ast.Constant(value="") | ast.Call(func=ast.Name(id="serialized")):
                continue
            case _:
                yield key, value


def _what(api: Api) -> str:
    """Return the core of what an API does: its description up to the first aside."""
    core = _ASIDE.split(api.description.strip().rstrip("."))[0]
    if len(core) > _CORE_LIMIT:
        core = core.split(", ")[0]
    core = core.removesuffix(" and").removesuffix(" or")
    return upper_first(core) or f'Runs the action "{api.name or api.identifier}"'


def _unknown(function: str, vocabulary: Vocabulary) -> str:
    identifier = vocabulary.declared.get(function)
    return f"Runs the action {identifier or key_words(function.removeprefix('is_workflow_actions_'))}"


def _rank(key: str, api: Api | None, parameters: Mapping[str, Parameter]) -> int:
    """Put the input first and settings with a fixed choice of values last."""
    if key == (api.input_key if api else "WFInput"):
        return 0
    return 2 if key in parameters and parameters[key].type in ("enum", "boolean") else 1


def _label(key: str, parameter: Parameter | None) -> str:
    label = _ASIDE.split(parameter.description)[0].split(", ")[0].rstrip(".") if parameter else ""
    names_it = 0 < len(label) <= _LABEL_LIMIT and not label.startswith("True ")
    return lower_first(label) if names_it else key_words(key)
