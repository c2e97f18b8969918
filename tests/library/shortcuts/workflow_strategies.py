"""Hypothesis strategies for workflows as property lists, hostile ones included."""

from itertools import chain
from typing import Any

from hypothesis import strategies as st

PREFIX = "is.workflow.actions."
UUIDS = [f"0000000{n}-1111-4222-8333-444444444444" for n in range(4)] + [
    "abcdefab-1111-4222-8333-444444444444"
]
NAMES = [
    "x",
    "User ID",
    "变量一",
    "变量二",
    "Repeat Item",
    "Repeat Index 2",
    "Repeat_Item",
    "class",
    "1",
    "print",
    "🙂",
    "",
]
NASTY = [
    "'''",
    "\\",
    "'",
    "''",
    "\\'",
    "{",
    "}",
    "{x}",
    "{{",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\x00",
    "\x0c",
    "\ufffc",
    "😀",
    "\u2028",
    "\ud800",
    '"',
    "# '''",
    "f'",
    "\\N{BULLET}",
    "%s",
    "}}'''",
    "__import__('os')",
    "ﬁ",
    "\x85",
]

texts = st.one_of(
    st.text(max_size=8),
    st.lists(st.sampled_from(NASTY), max_size=5).map("".join),
    st.sampled_from(["", "5", "5.0", "-3", "007", "True", "Equals", *UUIDS]),
)
keys = st.one_of(st.sampled_from(["WFInput", "Show-text", "class", "a b", "$", "self", "ﬁ", "Type"]), texts)


def step(kind: str, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An aggrandizement of one type."""
    return st.fixed_dictionaries({"Type": st.just(f"WF{kind}VariableAggrandizement")}, optional=given)


scalars = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False),
    st.binary(max_size=6),
    st.datetimes().map(lambda date: date.replace(fold=0)),
)
steps = st.one_of(
    step("Property", PropertyName=st.sampled_from(["Name", "File Extension", "append", "keys"]) | texts),
    step("Property", PropertyName=texts, PropertyUserInfo=texts | st.integers()),
    step("DictionaryValue", DictionaryKey=texts),
    step(
        "Coercion", CoercionItemClass=st.sampled_from(["WFStringContentItem", "WFNumberContentItem"]) | texts
    ),
    step("DateFormat", WFDateFormatStyle=texts, WFISO8601IncludeTime=st.booleans(), WFDateFormat=texts),
    step("Unit", WFMeasurementUnitType=texts, WFUnitSymbol=texts),
    step("Future", Anything=scalars),
)
attachments = st.one_of(
    st.builds(
        lambda uuid, label, some: {"Type": "ActionOutput", "OutputUUID": uuid, "OutputName": label, **some},
        st.sampled_from(UUIDS),
        texts,
        st.fixed_dictionaries({}, optional={"Aggrandizements": st.lists(steps, max_size=3)}),
    ),
    st.builds(
        lambda name, some: {"Type": "Variable", "VariableName": name, **some},
        st.sampled_from(NAMES) | texts,
        st.fixed_dictionaries({}, optional={"Aggrandizements": st.lists(steps, max_size=2)}),
    ),
    st.builds(
        lambda kind, some: {"Type": kind, **some},
        st.sampled_from(["ExtensionInput", "Clipboard", "CurrentDate", "Ask", "Input", "DeviceDetails"]),
        st.fixed_dictionaries({}, optional={"Aggrandizements": st.lists(steps, max_size=2)}),
    ),
    st.builds(lambda prompt: {"Type": "Ask", "Prompt": prompt}, texts),
    st.builds(lambda kind: {"Type": kind, "Extra": 1}, texts),
)
wrapped = attachments.map(lambda value: {"Value": value, "WFSerializationType": "WFTextTokenAttachment"})
nested = wrapped.map(lambda value: {"Type": "Variable", "Variable": value})


@st.composite
def token_strings(draw: st.DrawFn) -> dict[str, Any]:
    """Text with attachments; offsets are sometimes wrong."""
    string, ranges = "", {}
    for part in draw(st.lists(st.one_of(texts, attachments), max_size=5)):
        if isinstance(part, str):
            string += part
        else:
            offset = len(string.encode("utf-16-le", "surrogatepass")) // 2
            ranges[f"{{{offset + draw(st.sampled_from([0, 0, 0, 1]))}, 1}}"] = part
            string += "\ufffc"
    value = {"string": string} | ({"attachmentsByRange": ranges} if ranges or draw(st.booleans()) else {})
    return {"Value": value, "WFSerializationType": "WFTextTokenString"}


def state(kind: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A serialised state."""
    return value.map(lambda inner: {"Value": inner, "WFSerializationType": kind})


def field(value: st.SearchStrategy[Any], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An entry of a dictionary, or an item of an array."""
    return st.fixed_dictionaries({"WFItemType": st.integers(0, 5), **more}, optional={"WFValue": value})


def fields(value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A dictionary that a person filled in."""
    entries = st.lists(field(value, WFKey=st.one_of(texts, token_strings())), max_size=3)
    return state("WFDictionaryFieldValue", entries.map(lambda items: {"WFDictionaryFieldValueItems": items}))


values = st.recursive(
    st.one_of(scalars, wrapped, nested, attachments, token_strings()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(field(inner), max_size=3),
        st.dictionaries(keys, inner, max_size=3),
        fields(inner),
        fields(inner).map(lambda value: {"Value": value, "WFSerializationType": "WFDictionaryFieldValue"}),
        state("WFArrayParameterState", st.lists(st.one_of(texts, field(inner)), max_size=3)),
        state("WFNumberSubstitutableState", st.one_of(inner, attachments)),
        state("WFQuantityFieldValue", st.fixed_dictionaries({"Magnitude": inner, "Unit": texts})),
        state("WFTokenAttachmentParameterState", wrapped),
        st.builds(lambda kind, value: {"Value": value, "WFSerializationType": kind}, texts, inner),
    ),
    max_leaves=6,
)
variables_set = st.fixed_dictionaries(
    {"WFVariableName": st.sampled_from(NAMES)}, optional={"WFInput": st.one_of(wrapped, values)}
)
lookups = st.fixed_dictionaries(
    {},
    optional={
        "WFInput": wrapped,
        "WFDictionaryKey": st.one_of(texts, token_strings()),
        "WFGetDictionaryValueType": st.sampled_from(["Value", "All Keys", "All Values"]),
    },
)
identifiers = st.sampled_from(
    [
        *(
            PREFIX + name
            for name in ("url", "gettext", "dictionary", "ask", "comment", "nothing", "list", "exit")
        ),
        *(PREFIX + name for name in ("getclipboard", "detect.text", "alert", "count", "choosefromlist")),
        "com.example.app-one.Do_It",
        "dict",
        "coerce.variable",
        "net.example.App.run",
        "a..b",
        "变.量",
    ]
)
usual_parameters = st.one_of(
    st.fixed_dictionaries({}, optional={"WFTextActionText": st.one_of(texts, token_strings())}),
    st.fixed_dictionaries({}, optional={"WFItems": fields(values)}),
    st.fixed_dictionaries({}, optional={"WFAskActionPrompt": texts, "WFInputType": texts}),
    st.fixed_dictionaries({}, optional={"WFCommentActionText": texts}),
    st.dictionaries(keys, values, max_size=3),
)
CODES = [*range(6), 8, 9, 99, 100, 101, 999, 1000, 1001, 1002, 1003, 7, "Equals", "", "?"]
operands = st.fixed_dictionaries(
    {},
    optional={
        "WFCondition": st.sampled_from(CODES),
        "WFInput": st.one_of(wrapped, nested, values),
        "WFConditionalActionString": st.one_of(texts, token_strings()),
        "WFNumberValue": st.one_of(texts, st.integers(), st.floats(), wrapped),
        "WFAnotherNumber": st.one_of(texts, st.integers(), wrapped),
        "WFDuration": state(
            "WFQuantityFieldValue", st.fixed_dictionaries({"Magnitude": texts, "Unit": texts})
        ),
        "WFEnumeration": texts,
        "WFConditionalLegacyComparisonBehavior": st.one_of(st.booleans(), texts),
    },
)
tables = st.builds(
    lambda templates, prefix: {
        "WFConditions": {
            "Value": {"WFActionParameterFilterPrefix": prefix, "WFActionParameterFilterTemplates": templates},
            "WFSerializationType": "WFContentPredicateTableTemplate",
        }
    },
    st.lists(operands, max_size=3),
    st.integers(0, 2),
)


def action(identifier: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """An entry of the action list."""
    return {"WFWorkflowActionIdentifier": identifier, "WFWorkflowActionParameters": parameters}


@st.composite
def simple_actions(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One action that is no block."""
    kind = draw(st.sampled_from(["usual", "usual", "usual", "set", "append", "lookup"]))
    if kind == "usual":
        identifier, parameters = draw(identifiers), draw(usual_parameters)
    elif kind == "lookup":
        identifier, parameters = PREFIX + "getvalueforkey", draw(lookups)
    else:
        identifier = PREFIX + ("setvariable" if kind == "set" else "appendvariable")
        parameters = draw(variables_set)
    parameters = {**parameters}
    parameters.pop("UUID", None)
    if draw(st.booleans()):
        parameters["UUID"] = draw(st.sampled_from(UUIDS))
    if draw(st.integers(0, 4)) == 0:
        parameters["CustomOutputName"] = draw(texts)
    return [action(identifier, parameters)]


@st.composite
def blocks(draw: st.DrawFn, inner: st.SearchStrategy[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """A block with its markers, one of which may be missing."""
    group = str(draw(st.uuids()))
    kind = draw(st.sampled_from(["conditional", "repeat.each", "repeat.count", "choosefrommenu"]))

    def marker(mode: int, parameters: dict[str, Any]) -> dict[str, Any]:
        return action(PREFIX + kind, {"GroupingIdentifier": group, "WFControlFlowMode": mode, **parameters})

    end = {"UUID": draw(st.sampled_from(UUIDS))} if draw(st.booleans()) else {}
    start: dict[str, Any]
    if kind == "conditional":
        start = draw(st.one_of(operands, tables))
        middle = [marker(1, {}), *draw(inner)] if draw(st.booleans()) else []
    elif kind == "choosefrommenu":
        start = draw(
            st.fixed_dictionaries({}, optional={"WFMenuPrompt": texts, "WFMenuItems": st.lists(texts)})
        )
        middle = []
        for title in draw(st.lists(st.one_of(st.none(), texts, token_strings()), max_size=3)):
            titled = {} if title is None else {"WFMenuItemTitle": title}
            middle += [marker(1, titled), *draw(inner)]
    else:
        key = "WFInput" if kind == "repeat.each" else "WFRepeatCount"
        start = draw(st.fixed_dictionaries({}, optional={key: st.one_of(wrapped, values), "Extra": scalars}))
        middle = []
    if kind != "choosefrommenu":
        middle = draw(inner) + middle
    made = [marker(0, start), *middle, marker(2, end)]
    if draw(st.integers(0, 9)) == 0:
        del made[draw(st.integers(0, len(made) - 1))]
    return made


def joined(parts: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One action list of several."""
    return list(chain.from_iterable(parts))


action_lists = st.recursive(
    st.lists(simple_actions(), max_size=3).map(joined),
    lambda inner: st.lists(st.one_of(simple_actions(), blocks(inner)), max_size=4).map(joined),
    max_leaves=8,
)
workflows = action_lists.map(lambda actions: {"WFWorkflowActions": actions})
