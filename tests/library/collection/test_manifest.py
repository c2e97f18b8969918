import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.collection.errors import ManifestError
from workflowbench.collection.manifest import ManifestEntry, _parse, read_manifest


def written(folder, content):
    path = folder / "manifest.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_a_folder_without_a_manifest_has_no_entries(tmp_path):
    assert read_manifest(tmp_path) == {}


def test_every_known_column_is_read_and_others_are_ignored(tmp_path):
    written(
        tmp_path,
        "file,stars,title,description,categories,url,licence\n"
        'a.shortcut,5,Tea,"Boils, then waits",Food; Home ;,https://example.com/1,MIT\n',
    )
    assert read_manifest(tmp_path) == {
        "a.shortcut": ManifestEntry(
            "Tea", "Boils, then waits", ("Food", "Home"), "https://example.com/1", "MIT"
        )
    }


def test_empty_cells_say_nothing(tmp_path):
    written(tmp_path, "file,title,categories\na.shortcut,,\n")
    assert read_manifest(tmp_path) == {"a.shortcut": ManifestEntry()}


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path):
    written(tmp_path, b"\xef\xbb\xbffile,title\r\n\r\na.shortcut,Tea\r\n")
    assert read_manifest(tmp_path)["a.shortcut"].title == "Tea"


def test_a_cell_may_hold_a_line_break(tmp_path):
    written(tmp_path, 'file,description\na.shortcut,"one\ntwo"\nb.shortcut,three\n')
    assert read_manifest(tmp_path)["a.shortcut"].description == "one\ntwo"


def test_decomposed_letters_are_the_same_name(tmp_path):
    written(tmp_path, "file,title\nfu\u0308r.shortcut,Tea\n")
    assert list(read_manifest(tmp_path)) == ["f\u00fcr.shortcut"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 1),
        ("name,title\na.shortcut,Tea\n", 1),
        ("file;title\na.shortcut;Tea\n", 1),
        ("file,title,title\na.shortcut,Tea,Coffee\n", 1),
        ("file,title\na.shortcut,Tea,extra\n", 2),
        ("file,title\na.shortcut,Tea\nb.shortcut\n", 3),
        ("file,title\n,Tea\n", 2),
        ("file,title\na.shortcut,Tea\na.shortcut,Coffee\n", 3),
        ('file,title\na.shortcut,"Tea\n', 2),
        ('file,title\na.shortcut,"Tea" x\n', 2),
    ],
)
def test_a_broken_manifest_names_file_and_line(tmp_path, content, line):
    written(tmp_path, content)
    with pytest.raises(ManifestError, match=rf"manifest\.csv, line {line}: "):
        read_manifest(tmp_path)


def test_a_manifest_that_is_not_utf_8_is_named(tmp_path):
    written(tmp_path, b"file\n\xff.shortcut\n")
    with pytest.raises(ManifestError, match=r"manifest\.csv cannot be read as UTF-8"):
        read_manifest(tmp_path)


@given(st.text())
def test_any_text_is_either_read_or_refused_with_its_place(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "manifest.csv"
    with contextlib.suppress(ManifestError):
        assert all(name == name.strip() and name for name in _parse(path, text))
