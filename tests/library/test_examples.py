"""The embedded examples: well formed, described in the manifest, and covering every feature of the format."""

import csv
import plistlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NO_SHORTCUT = "not-a-shortcut.shortcut"
UNRESOLVED = {"update-checker.shortcut": {"Release Notes"}}
"""Outputs that a shortcut uses although no action of it makes them, on purpose."""

# fmt: off
CATEGORIES = {
    "Widgets", "Food & Drink", "News", "Photo & Video", "Productivity", "Graphics & Design", "Weather",
    "Books", "Snippets", "Games", "Development Tools", "Finance", "Jailbreaking", "Reference", "Travel",
    "Music", "Business", "Sports", "Medical", "Education", "Navigation", "Social Networking", "Shopping",
    "Entertainment", "Health & Fitness", "Lifestyle", "Utilities", "Kids",
}
# fmt: on
"""The categories of RoutineHub."""

HOSTS = {"api.frankfurter.dev", "api.github.com"}
"""Public interfaces that need no key in the shortcut."""

PLACEHOLDER = "\ufffc".encode("utf-16-le")
MENU, CONDITIONAL = "is.workflow.actions.choosefrommenu", "is.workflow.actions.conditional"


@dataclass(slots=True)
class Block:
    """A block of actions: its identifier, parameters, branches, the blocks around it and its end marker."""

    identifier: str
    parameters: dict[str, Any]
    around: tuple["Block", ...]
    branches: list[list[str]] = field(default_factory=list)
    result: str | None = None

    @property
    def loops(self) -> int:
        """Number of loops from the outermost one down to this block."""
        return sum(".repeat." in block.identifier for block in (*self.around, self))


@cache
def manifest() -> list[dict[str, str]]:
    with (EXAMPLES / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def shortcuts() -> dict[str, dict[str, Any]]:
    paths = sorted(p for p in EXAMPLES.iterdir() if p.suffix in {".shortcut", ".plist", ".wflow"})
    return {path.name: plistlib.loads(path.read_bytes()) for path in paths if path.name != NO_SHORTCUT}


def actions(name: str) -> list[tuple[str, dict[str, Any]]]:
    found = shortcuts()[name]["WFWorkflowActions"]
    return [(action["WFWorkflowActionIdentifier"], action["WFWorkflowActionParameters"]) for action in found]


def nodes(value: Any) -> Iterator[Any]:
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from nodes(child)


@cache
def dictionaries() -> list[dict[str, Any]]:
    return [node for shortcut in shortcuts().values() for node in nodes(shortcut) if isinstance(node, dict)]


@cache
def strings() -> list[str]:
    return [node for shortcut in shortcuts().values() for node in nodes(shortcut) if isinstance(node, str)]


def found(key: str) -> list[Any]:
    return [dictionary[key] for dictionary in dictionaries() if key in dictionary]


def attachments() -> list[dict[str, Any]]:
    direct = [d["Value"] for d in dictionaries() if d.get("WFSerializationType") == "WFTextTokenAttachment"]
    return direct + [one for by_range in found("attachmentsByRange") for one in by_range.values()]


def aggrandizements() -> list[dict[str, Any]]:
    return [one for several in found("Aggrandizements") for one in several]


def block_tree(name: str) -> list[Block]:
    """Read the blocks of a shortcut; a marker outside its block or an open block is an AssertionError."""
    blocks: list[Block] = []
    around: list[Block] = []
    for identifier, parameters in actions(name):
        mode = parameters.get("WFControlFlowMode")
        if mode in (1, 2):
            assert around[-1].parameters["GroupingIdentifier"] == parameters["GroupingIdentifier"]
            assert around[-1].identifier == identifier
        if mode == 1:
            around[-1].branches.append([])
        elif mode == 2:
            around.pop().result = parameters.get("UUID")
        elif around:
            around[-1].branches[-1].append(identifier)
        if mode == 0:
            block = Block(identifier, parameters, tuple(around))
            block.branches = [] if identifier == MENU else [[]]
            blocks.append(block)
            around.append(block)
    assert not around
    return blocks


@cache
def all_blocks() -> list[Block]:
    return [block for name in shortcuts() for block in block_tree(name)]


def of_kind(kind: str) -> list[Block]:
    return [block for block in all_blocks() if block.identifier.endswith(f".{kind}")]


def result_is_used(kind: str) -> bool:
    used = {one["OutputUUID"] for one in attachments() if one["Type"] == "ActionOutput"}
    return any(block.result in used for block in of_kind(kind))


def joined_by(prefix: int) -> bool:
    """Tell whether an If joins two or more conditions: 0 is any of them, 1 is all of them."""
    tables = [block.parameters.get("WFConditions", {}).get("Value", {}) for block in of_kind("conditional")]
    joined = [one for one in tables if len(one.get("WFActionParameterFilterTemplates", ())) > 1]
    return any(one["WFActionParameterFilterPrefix"] == prefix for one in joined)


def text_with(pattern: str) -> bool:
    return any(re.search(pattern, string) for string in strings())


def first_set(name: str) -> dict[str, int]:
    """Return the place of the first action that sets each variable of a shortcut."""
    setters = [(p["WFVariableName"], i) for i, (_, p) in enumerate(actions(name)) if "WFVariableName" in p]
    return dict(reversed(setters))


def used_before_it_is_set(name: str) -> bool:
    """Tell whether a shortcut uses a variable before the first action that sets it."""
    places = first_set(name)
    return any(
        place < places.get(node["VariableName"], 0)
        for place, (_, parameters) in enumerate(actions(name))
        for node in nodes(parameters)
        if isinstance(node, dict) and "VariableName" in node
    )


def of_type(kind: type) -> bool:
    """Tell whether a parameter that is no marker or condition code holds a value of exactly this type."""
    given = [
        p | {"WFControlFlowMode": "", "WFCondition": ""} for name in shortcuts() for _, p in actions(name)
    ]
    return any(type(node) is kind for node in nodes(given))


CONTROL_FLOW: dict[str, Callable[[], bool]] = {
    "if without else": lambda: any(len(b.branches) == 1 for b in of_kind("conditional")),
    "if and else": lambda: any(len(b.branches) == 2 for b in of_kind("conditional")),
    "nested if": lambda: any(a.identifier == CONDITIONAL for b in of_kind("conditional") for a in b.around),
    "any of several conditions": lambda: joined_by(0),
    "all of several conditions": lambda: joined_by(1),
    "repeat a number of times": lambda: bool(of_kind("repeat.count")),
    "repeat a computed number of times": lambda: any(isinstance(n, dict) for n in found("WFRepeatCount")),
    "repeat with each": lambda: bool(of_kind("repeat.each")),
    "two nested repeats": lambda: any(b.loops == 2 for b in all_blocks()),
    "three nested repeats": lambda: any(b.loops == 3 for b in all_blocks()),
    "inner repeat item": lambda: "Repeat Item 2" in found("VariableName"),
    "repeat index": lambda: (
        {"Repeat Index", "Repeat Index 2", "Repeat Index 3"} <= set(found("VariableName"))
    ),
    "menu with a prompt": lambda: any(isinstance(p, str) for p in found("WFMenuPrompt")),
    "menu with a computed prompt": lambda: any(isinstance(p, dict) for p in found("WFMenuPrompt")),
    "menu without a prompt": lambda: any(
        "WFMenuPrompt" not in b.parameters for b in of_kind("choosefrommenu")
    ),
    "menu with computed titles": lambda: any(
        t["attachmentsByRange"] for t in found("WFMenuItemAttributedTitle")
    ),
    "menu in a repeat": lambda: any(b.loops for b in of_kind("choosefrommenu")),
    "menu in a menu": lambda: any(a.identifier == MENU for b in of_kind("choosefrommenu") for a in b.around),
    "empty case": lambda: any(not branch for b in of_kind("choosefrommenu") for branch in b.branches),
    "empty branch": lambda: any(not branch for b in of_kind("conditional") for branch in b.branches),
    "branch of comments only": lambda: any(
        branch and all(one.endswith(".comment") for one in branch)
        for b in all_blocks()
        for branch in b.branches
    ),
    "exit": lambda: any(identifier.endswith(".exit") for identifier in found("WFWorkflowActionIdentifier")),
    "output": lambda: any(
        identifier.endswith(".output") for identifier in found("WFWorkflowActionIdentifier")
    ),
    "result of an if": lambda: result_is_used("conditional"),
    "result of a repeat with each": lambda: result_is_used("repeat.each"),
    "result of a repeat": lambda: result_is_used("repeat.count"),
    "result of a menu": lambda: result_is_used("choosefrommenu"),
    "condition on the implicit input": lambda: any(
        not {"WFInput", "WFConditions"} & set(b.parameters) for b in of_kind("conditional")
    ),
    "stale operand": lambda: any(
        b.parameters.get("WFCondition") in (100, 101) and "WFNumberValue" in b.parameters
        for b in all_blocks()
    ),
    "legacy comparison": lambda: True in found("WFConditionalLegacyComparisonBehavior"),
}

VALUES: dict[str, Callable[[], bool]] = {
    "several variables in one text": lambda: any(
        len(by_range) > 2 for by_range in found("attachmentsByRange")
    ),
    "emoji before a variable": lambda: text_with(r"[\U00010000-\U0010ffff].*\ufffc"),
    "braces in a text with a variable": lambda: text_with(r"(?s)\{.*\ufffc.*\}"),
    "backslash": lambda: text_with(r"\\"),
    "three single quotes": lambda: text_with("'''"),
    "three double quotes": lambda: text_with('"""'),
    "Chinese": lambda: text_with("[\u4e00-\u9fff]"),
    "Japanese": lambda: text_with("[\u3040-\u30ff]"),
    "Arabic": lambda: text_with("[\u0600-\u06ff]"),
    "Hebrew": lambda: text_with("[\u0590-\u05ff]"),
    "variables named alike in Chinese": lambda: {"菜单一", "菜单二"} <= set(found("VariableName")),
    "custom date format": lambda: bool(found("WFDateFormat")),
    "quotes in a dictionary key": lambda: any(
        '"' in one.get("DictionaryKey", "") for one in aggrandizements()
    ),
    "typed list items": lambda: any(isinstance(i, list) and "WFItemType" in i[0] for i in found("WFItems")),
    "plain list": lambda: bool(found("WFPhotoPickerTypes")),
    "plain dictionary": lambda: any("isSelf" in workflow for workflow in found("WFWorkflow")),
    "whole number": lambda: of_type(int),
    "decimal number": lambda: of_type(float),
    "boolean": lambda: of_type(bool),
    "bytes": lambda: of_type(bytes),
    "date": lambda: any(hasattr(moment, "year") for moment in found("timestamp")),
    "parameter key with a hyphen": lambda: bool(found("Show-WFURLActionURL")),
    "identifier with a hyphen": lambda: any("-" in i for i in found("WFWorkflowActionIdentifier")),
    "identifier with an underscore": lambda: any("_" in i for i in found("WFWorkflowActionIdentifier")),
    "action of another app": lambda: any(
        i.startswith("dk.simonbs.") for i in found("WFWorkflowActionIdentifier")
    ),
    "custom output name": lambda: bool(found("CustomOutputName")),
    "lower-case UUID": lambda: any(uuid != uuid.upper() for uuid in found("UUID")),
    "implicit input": lambda: (
        "WFInput" not in dict(actions("pdf-from-photos.shortcut"))["is.workflow.actions.makepdf"]
    ),
    "variable used before it is set": lambda: any(map(used_before_it_is_set, shortcuts())),
    "variable that collects a list": lambda: (
        "is.workflow.actions.appendvariable" in found("WFWorkflowActionIdentifier")
    ),
    "import question": lambda: any(found("WFWorkflowImportQuestions")),
    "input classes": lambda: any(found("WFWorkflowInputContentItemClasses")),
    "several icons": lambda: len(set(found("WFWorkflowIconGlyphNumber"))) > 10,
}


CONSTANTS: dict[str, tuple[int | str, ...]] = {
    "WFCondition": (0, 1, 2, 3, 4, 5, 8, 9, 99, 999, 100, 101, 1000, 1001, 1002, 1003, "Equals"),
    "WFItemType": (0, 1, 2, 3, 4, 5),
    "WFDateFormatStyle": ("None", "Short", "Medium", "Long", "Relative", "ISO 8601", "RFC 2822", "Custom"),
    "WFSerializationType": (
        "WFTextTokenString",
        "WFTextTokenAttachment",
        "WFDictionaryFieldValue",
        "WFArrayParameterState",
        "WFContentPredicateTableTemplate",
        "WFNumberSubstitutableState",
        "WFStringSubstitutableState",
        "WFTokenAttachmentParameterState",
        "WFQuantityFieldValue",
        "WFContactFieldValue",
        "WFTimeOffsetValue",
    ),
    "Type": (
        "ActionOutput",
        "Variable",
        "ExtensionInput",
        "Clipboard",
        "CurrentDate",
        "Ask",
        "Input",
        "DeviceDetails",
        "WFPropertyVariableAggrandizement",
        "WFDictionaryValueVariableAggrandizement",
        "WFCoercionVariableAggrandizement",
        "WFDateFormatVariableAggrandizement",
        "WFUnitVariableAggrandizement",
    ),
}


def test_the_manifest_lists_every_file_once_and_nothing_else() -> None:
    files = {path.name for path in EXAMPLES.iterdir()} - {"README.md", "manifest.csv"}

    assert Counter(row["file"] for row in manifest()) == Counter(files)


def test_the_manifest_has_the_columns_of_a_folder_source() -> None:
    assert set(manifest()[0]) == {"file", "title", "description", "categories", "url", "licence"}


@pytest.mark.parametrize("row", manifest(), ids=lambda row: row["file"])
def test_a_manifest_row_is_complete(row: dict[str, str]) -> None:
    assert row["title"]
    assert len(row["description"].split()) >= 8
    assert set(row["categories"].split(";")) <= CATEGORIES
    assert (row["url"], row["licence"]) == ("", "Apache-2.0")


def test_at_least_fifteen_categories_are_used() -> None:
    assert len({category for row in manifest() for category in row["categories"].split(";")}) >= 15


def test_titles_are_unique() -> None:
    assert len({row["title"] for row in manifest()}) == len(manifest())


def test_the_readme_lists_every_file() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")

    assert not [row["file"] for row in manifest() if f"`{row['file']}`" not in readme]


def test_there_are_at_least_28_distinct_shortcuts() -> None:
    assert len({(EXAMPLES / name).read_bytes() for name in shortcuts()}) >= 28


def test_sizes_are_those_of_shared_shortcuts() -> None:
    sizes = [len(actions(name)) for name in shortcuts()]

    assert (min(sizes), 60 <= max(sizes) <= 80) == (4, True)
    assert 15 <= sum(sizes) / len(sizes) <= 25


def test_one_file_is_no_shortcut() -> None:
    with pytest.raises(plistlib.InvalidFileException):
        plistlib.loads((EXAMPLES / NO_SHORTCUT).read_bytes())


def test_one_shortcut_is_there_twice() -> None:
    twins = [(EXAMPLES / f"{stem}.shortcut").read_bytes() for stem in ("album-to-pdf", "pdf-from-photos")]

    assert twins[0] == twins[1]


def test_one_shortcut_was_shared_again_with_other_uuids() -> None:
    first, second = actions("split-the-bill.shortcut"), actions("tip-calculator.shortcut")

    assert [identifier for identifier, _ in first] == [identifier for identifier, _ in second]
    assert not {p.get("UUID") for _, p in first} & {p["UUID"] for _, p in second if "UUID" in p}


def test_one_shortcut_has_a_slightly_longer_second_version() -> None:
    first, second = actions("weekly-review.shortcut"), actions("weekly-review-2.shortcut")

    assert second[:-1] == first


def test_both_encodings_and_every_suffix_are_there() -> None:
    kinds = {(Path(name).suffix, (EXAMPLES / name).read_bytes()[:6]) for name in shortcuts()}

    xml, binary = b"<?xml ", b"bplist"
    assert kinds == {(".shortcut", xml), (".shortcut", binary), (".plist", xml), (".wflow", binary)}


@pytest.mark.parametrize("name", shortcuts())
def test_saving_a_shortcut_gives_the_same_bytes(name: str) -> None:
    payload = (EXAMPLES / name).read_bytes()
    encoding = plistlib.FMT_BINARY if payload.startswith(b"bplist") else plistlib.FMT_XML

    assert plistlib.dumps(shortcuts()[name], fmt=encoding) == payload


@pytest.mark.parametrize("name", shortcuts())
def test_blocks_are_balanced(name: str) -> None:
    assert all(block.branches for block in block_tree(name))


@pytest.mark.parametrize("name", shortcuts())
def test_a_menu_has_a_case_for_each_of_its_items(name: str) -> None:
    menus = [block for block in block_tree(name) if block.identifier == MENU]

    assert all(len(menu.branches) == len(menu.parameters["WFMenuItems"]) for menu in menus)


@pytest.mark.parametrize("name", shortcuts())
def test_variables_stand_where_the_text_has_a_placeholder(name: str) -> None:
    for node in nodes(shortcuts()[name]):
        if isinstance(node, dict) and "attachmentsByRange" in node:
            units = node["string"].encode("utf-16-le")
            places = {f"{{{i // 2}, 1}}" for i in range(0, len(units), 2) if units[i : i + 2] == PLACEHOLDER}
            assert set(node["attachmentsByRange"]) == places


@pytest.mark.parametrize("name", shortcuts())
def test_an_output_is_made_once_and_before_it_is_used(name: str) -> None:
    made: set[str] = set()
    unresolved: set[str] = set()
    for _, parameters in actions(name):
        used = [n for n in nodes(parameters) if isinstance(n, dict) and n.get("Type") == "ActionOutput"]
        unresolved |= {one["OutputName"] for one in used if one["OutputUUID"] not in made}
        assert parameters.get("UUID") not in made
        made |= {parameters["UUID"]} if "UUID" in parameters else set()

    assert unresolved == UNRESOLVED.get(name, set())


def test_addresses_are_example_hosts_or_public_interfaces_without_a_key() -> None:
    hosts = {host for string in strings() for host in re.findall(r"https?://([^/\s?\"]+)", string)}

    assert not [
        host for host in hosts if not re.search(r"(^|\.)example\.(com|org)$", host) and host not in HOSTS
    ]


@pytest.mark.parametrize("feature", CONTROL_FLOW)
def test_a_control_flow_is_covered(feature: str) -> None:
    assert CONTROL_FLOW[feature]()


@pytest.mark.parametrize("feature", VALUES)
def test_a_kind_of_value_is_covered(feature: str) -> None:
    assert VALUES[feature]()


@pytest.mark.parametrize(("key", "value"), [(key, value) for key in CONSTANTS for value in CONSTANTS[key]])
def test_a_constant_of_the_format_is_covered(key: str, value: int | str) -> None:
    assert value in found(key)
