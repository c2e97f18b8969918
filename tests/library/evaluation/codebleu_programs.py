"""Programs for the tests of CodeBLEU."""

from hypothesis import strategies as st

from workflowbench.evaluation.codebleu.features import extract_features
from workflowbench.evaluation.codebleu.matches import match
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.scoring import PAPER_WEIGHTS, Score, Weights, score

NAMES = ("alpha", "beta", "gamma", "delta")


def score_texts(reference: str, prediction: str, mode: Mode, weights: Weights = PAPER_WEIGHTS) -> Score:
    """CodeBLEU of one pair."""
    features = [extract_features(text, mode) for text in (reference, prediction)]
    return score(match(*features, mode), mode, weights)


_name = st.sampled_from(NAMES)
_expression = st.one_of(
    _name,
    st.sampled_from(["1", "'text'", "()", "f'{alpha}'"]),
    st.builds("{} + {}".format, _name, _name),
    st.builds("{}({}, key={})".format, _name, _name, _name),
    st.builds("[{0} for {1} in {2} if {1}]".format, _name, _name, _name),
    st.builds("lambda {}={}: {}".format, _name, _name, _name),
    st.builds("{}.attribute[{}]".format, _name, _name),
)
_simple = st.one_of(
    st.builds("{} = {}".format, _name, _expression),
    st.builds("{}, {} = {}, {}".format, _name, _name, _expression, _expression),
    st.builds("{} = {} = {}".format, _name, _name, _expression),
    st.builds("{} += {}".format, _name, _expression),
    st.builds("print({})".format, _expression),
)


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _block(*parts: str | list[str]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        lines += [part] if isinstance(part, str) else _indented(part)
    return lines


def _joined(blocks: list[list[str]]) -> list[str]:
    return [line for block in blocks for line in block]


def _statements(depth: int) -> st.SearchStrategy[list[str]]:
    statement = _simple.map(lambda line: [line])
    if depth:
        body = _statements(depth - 1)
        statement = st.one_of(
            statement,
            st.builds(lambda a, b, c: _block(f"for {a} in {b}:", c), _name, _expression, body),
            st.builds(lambda a, b: _block(f"while {a}:", b), _expression, body),
            st.builds(lambda a, b: _block(f"if {a}:", b), _expression, body),
            st.builds(lambda a, b, c: _block(f"if {a}:", b, "else:", c), _expression, body, body),
            st.builds(lambda a, b, c: _block(f"if {a}:", b, f"elif {a}:", c), _expression, body, body),
            st.builds(lambda a, b, c: _block(f"def f({a}={b}):", c), _name, _expression, body),
        )
    return st.lists(statement, min_size=1, max_size=3).map(
        lambda blocks: _block(*[part for block in blocks for part in block])
    )


programs = _statements(3).map("\n".join)
"""Valid programs with branches and loops up to three deep."""
deep_programs = _statements(6).map("\n".join)
"""The same, up to six deep."""
texts = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(
        st.sampled_from(
            [
                *"'\"#\\\n\t()[]{}:=,. $!é",
                "'''",
                "f'",
                "\r\n",
                "if x:\n",
                "for",
                "    ",
                "x",
                "not in",
                "\ud800",
                "\0",
            ]
        ),
        max_size=30,
    ).map("".join),
)
"""Any text, and what looks a little like Python."""
