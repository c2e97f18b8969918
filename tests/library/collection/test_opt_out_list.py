import pytest

from workflowbench.collection.opt_out_list import OptOutError, read_opt_outs

ICLOUD = "f00836becd2845109809720d2a70e32f"


def ids(tmp_path, text):
    path = tmp_path / "opt-outs.csv"
    path.write_text(text)
    return read_opt_outs(path).rows()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("123", [("routinehub", "123")]),
        ("routinehub: 123", [("routinehub", "123")]),
        ("https://routinehub.co/shortcut/123/", [("routinehub", "123")]),
        ("www.routinehub.co/shortcut/0123/changelog?x=1", [("routinehub", "123")]),
        (f"https://www.icloud.com/shortcuts/{ICLOUD}", [("icloud", ICLOUD)]),
        (f"icloud.com/shortcuts/{ICLOUD.upper()}/", [("icloud", ICLOUD)]),
        ("F00836BE-CD28-4510-9809-720D2A70E32F", [("icloud", ICLOUD)]),
        (f"icloud:{ICLOUD}", [("icloud", ICLOUD)]),
        (f"workflow:{ICLOUD}", [("workflow", ICLOUD)]),
        (ICLOUD, [("icloud", ICLOUD), ("workflow", ICLOUD)]),
        ("123, asked by mail on 2026-11-20", [("routinehub", "123")]),
        ("# 123", []),
        ("id", []),
        ("", []),
    ],
)
def test_forms_in_which_people_write_ids(tmp_path, line, expected):
    assert ids(tmp_path, line) == expected


def test_an_id_that_is_listed_twice_is_one(tmp_path):
    assert ids(tmp_path, "id,reason\n123,mine\n\nhttps://routinehub.co/shortcut/123\n") == [
        ("routinehub", "123")
    ]


@pytest.mark.parametrize(
    "line", ["Boil Tea", "https://example.org/123", "workflow:12", "icloud.com/shortcuts/x"]
)
def test_a_line_that_is_no_id_is_named(tmp_path, line):
    with pytest.raises(OptOutError, match=r"line 2: .* is no id"):
        ids(tmp_path, f"123\n{line}\n")


def test_a_list_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OptOutError, match="cannot be read"):
        read_opt_outs(tmp_path / "gone")
