"""Readable names for results whose transcribed names are generic or numbered.

A result is renamed only if its name is the one that Shortcuts gives every output of that action (`Text`), a
word that says nothing (`Result`), machine-made (`variable7`), or that of another result with a number
(`egg_2`). The new name has a topic, taken from the action's own words or from the value it works on, and a
noun, taken from the output's name: `weather_url`, `weather_contents`. Names that a person chose stay: those
of variables and of results with a label.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from workflowbench.shortcuts.names import is_plain
from workflowbench.thoughts.statements import arguments_of
from workflowbench.thoughts.vocabulary import Vocabulary, function_of, statements_of
from workflowbench.thoughts.wording import key_words, snake

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBER = re.compile(r"_?\d+_?$")
_SAYS_NOTHING = frozenset(
    {"action", "data", "input", "item", "object", "output", "result", "value", "var", "variable"}
)
_NOUN_END = re.compile(r" (of|from|in|for|with) ")
_TOPIC_WORDS, _NAME_WORDS = 3, 5
_LONGEST_WORD = 20
_HOST_NOISE = frozenset({"www", "api", "m", "raw", "co", "com", "org", "net"})
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are as at be by can choose do does enter for from get give have here how i if in input
        is it many me much my of on or please provide s select so t tell that the there this to type us
        want was we what when where which who will with would you your
        """,
    )
)
# Default names and nouns of the actions that are written as Python expressions.
_CONSTRUCT_NOUNS = {
    "is_workflow_actions_gettext": "text",
    "is_workflow_actions_dictionary": "dictionary",
    "is_workflow_actions_getvalueforkey": "value",
    "is_workflow_actions_ask": "answer",
}
_CONSTRUCT_DEFAULTS = frozenset(
    {"text", "dictionary", "dictionaryvalue", "value", "providedinput", "askforinput"}
)


def choose_names(tree: ast.Module, vocabulary: Vocabulary, recorded: Iterable[str] = ()) -> dict[str, str]:
    """Choose new names for the generic results of a program: old name to new name.

    The new names differ from each other and from every name that the program uses, and are no keyword,
    builtin or helper.

    Args:
        tree: The program.
        vocabulary: What its statements stand for.
        recorded: Further names that may not be taken.

    """
    known = names_in(tree) | set(recorded)
    taken = set(known)
    topics: dict[str, list[str]] = {}
    renamed: dict[str, str] = {}
    for name, value in _results(tree):
        topics[name] = _topic(value, topics)
        if _says_little(name, value, known, vocabulary):
            new = _free_name(_words(name, value, topics[name], vocabulary), taken)
            renamed[name] = new
            taken.add(new)
    return renamed


def generic_results(
    tree: ast.Module, vocabulary: Vocabulary, recorded: Iterable[str] = ()
) -> dict[str, ast.expr]:
    """Return the results whose names may and should be replaced, with the values that they are bound to."""
    known = names_in(tree) | set(recorded)
    return {name: value for name, value in _results(tree) if _says_little(name, value, known, vocabulary)}


def names_in(tree: ast.Module) -> set[str]:
    """Every name that a program uses."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def default_names(value: ast.expr, vocabulary: Vocabulary) -> frozenset[str]:
    """Names that Shortcuts gives every output of an action, in small letters and digits only."""
    api = vocabulary.api_of(value)
    names = {_fold(api.output_name or ""), _fold(api.name)} if api else set()
    return _CONSTRUCT_DEFAULTS.union(names) if function_of(value) in _CONSTRUCT_NOUNS else frozenset(names)


def says_nothing(name: str, defaults: Collection[str]) -> bool:
    """Tell whether a name, a number at its end aside, is a word without meaning or a default name."""
    base = _fold(_NUMBER.sub("", name))
    return not base or base in _SAYS_NOTHING or base in defaults


def is_numbered(name: str, known: Collection[str]) -> bool:
    """Tell whether a name is another one with a number, as two results that were called alike have."""
    base = _NUMBER.sub("", name)
    return base != name and base in known


def _results(tree: ast.Module) -> Iterable[tuple[str, ast.expr]]:
    """Names that are bound once, to the output of an action, with the value that they are bound to."""
    bound = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    appended = {owner for node in statements_of(tree) if (owner := _appended(node))}
    for node in statements_of(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if function_of(value):
                if bound[name] == 1 and name not in appended:
                    yield name, value


def _appended(node: ast.stmt) -> str | None:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"))):
            return name
        case _:
            return None


def _says_little(name: str, value: ast.expr, known: Collection[str], vocabulary: Vocabulary) -> bool:
    return is_numbered(name, known) or _is_generic(name, value, vocabulary)


def _is_generic(name: str, value: ast.expr, vocabulary: Vocabulary) -> bool:
    is_machine_made = _UUID.fullmatch(name.replace("_", "-")) is not None
    return is_machine_made or says_nothing(name, default_names(value, vocabulary))


def _fold(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _words(name: str, value: ast.expr, topic: list[str], vocabulary: Vocabulary) -> list[str]:
    """Topic and noun of a result, a shared word told once."""
    noun = _noun(name, value, vocabulary)
    return [word for word in topic if word not in noun][:_TOPIC_WORDS] + noun


def _noun(name: str, value: ast.expr, vocabulary: Vocabulary) -> list[str]:
    function = function_of(value) or ""
    if function in _CONSTRUCT_NOUNS:
        return [_CONSTRUCT_NOUNS[function]]
    if api := vocabulary.api_of(value):
        words = _NOUN_END.split(api.output_name or api.name)[0]
    elif _is_generic(name, value, vocabulary):
        words = f"{key_words(function.rsplit('_', 1)[-1])} result"
    else:
        words = _NUMBER.sub("", name).replace("_", " ")
    return [word for word in snake(words).split("_") if word][-_TOPIC_WORDS:] or ["result"]


def _free_name(words: list[str], taken: set[str]) -> str:
    base = "_".join(words[-_NAME_WORDS:])
    if base[0].isdigit():
        base = f"item_{base}"
    if not is_plain(base):
        base = f"{base}_value"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _topic(value: ast.expr, topics: Mapping[str, list[str]]) -> list[str]:
    """Up to three words on what a value is about: its own text, else what it works on."""
    for text in _own_texts(value):
        if words := _content_words(text):
            return words
    for name in _inputs(value):
        if words := topics.get(name) or _content_words(name.replace("_", " ")):
            return words
    return []


def _own_texts(value: ast.expr) -> list[str]:
    """Literal texts that say what a value is about: a text, an address, a key or a question."""
    match value:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr():
            return [str(part.value) for part in value.values if isinstance(part, ast.Constant)]
        case ast.Subscript(slice=key):
            return _own_texts(key)
        case ast.Call(func=ast.Name(id="input"), args=[prompt, *_]):
            return _own_texts(prompt)
        case ast.Call(func=ast.Name(id="is_workflow_actions_url")):
            return [text for _, argument in arguments_of(value) for text in _own_texts(argument)]
        case _:
            return []


def _content_words(text: str) -> list[str]:
    head = text.strip()[:200]
    words = _host_words(head) if "://" in head[:12] else snake(head.split("\n", 1)[0]).split("_")
    telling = [
        word for word in words if word not in _STOP_WORDS and word.isalpha() and 1 < len(word) < _LONGEST_WORD
    ]
    return telling[:_TOPIC_WORDS]


def _host_words(address: str) -> list[str]:
    try:
        labels = (urlsplit(address).hostname or "").split(".")[:-1]
    except ValueError:
        return []
    return [word for label in labels for word in snake(label).split("_") if word not in _HOST_NOISE][-1:]


def _inputs(value: ast.expr) -> Iterable[str]:
    """Names that a value is made from, the action's input first."""
    arguments = (
        sorted(arguments_of(value), key=lambda pair: pair[0] != "WFInput")
        if isinstance(value, ast.Call)
        else []
    )
    for node in [argument for _, argument in arguments] or [value]:
        parts = list(ast.walk(node))
        functions = {part.func for part in parts if isinstance(part, ast.Call)}
        yield from (part.id for part in parts if isinstance(part, ast.Name) and part not in functions)
