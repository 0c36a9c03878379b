"""One writer and one reader for the project's JSON files: every fault is one kind of error that names the file."""

import json
import os

import pytest

from baseline_code.files.json_file import JsonFileError, is_number, read_json, read_json_object, write_json


def write(folder, content):
    path = folder / "notes.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_an_object_is_read_with_and_without_a_byte_order_mark_and_a_hundred_deep(tmp_path):
    assert read_json_object(write(tmp_path, '{"a": [1, {"b": null}]}'), "notes") == {"a": [1, {"b": None}]}
    assert read_json_object(write(tmp_path, "\ufeff{}"), "notes") == {}
    assert read_json_object(write(tmp_path, '{"a": ' + "[" * 99 + "]" * 99 + "}"), "notes")


def test_a_file_is_written_for_people_and_gives_the_same_values_again(tmp_path):
    content = {"합계": [1, None], "scan_\udce9.jpg": "\U0001f642"}
    write_json(tmp_path / "new/notes.json", content)
    text = (tmp_path / "new/notes.json").read_text(encoding="utf-8")
    assert text == '{\n  "합계": [\n    1,\n    null\n  ],\n  "scan_\\udce9.jpg": "\U0001f642"\n}\n'
    assert read_json(tmp_path / "new/notes.json", "notes") == content


def test_a_file_of_any_shape_is_read_with_objects_that_the_caller_builds(tmp_path):
    path = write(tmp_path, '[{"a": 1, "b": 2}]')
    assert read_json(path, "notes", pairs=lambda pairs: pairs[::-1]) == [[("b", 2), ("a", 1)]]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "expected notes as JSON, got an error at line 1, column 1"),
        ('{"a": 1', "expected notes as JSON, got an error at line 1, column 8"),
        ("[1]", "expected a JSON object, got list"),
        ('"text"', "got str"),
        ("true", "got bool"),
        ("null", "got NoneType"),
        ("7.5", "got float"),
        (b'{"a": "\xff"}', "expected UTF-8 text, got other bytes at position 7"),
        ('{"a": ' + "9" * 10_000 + "}", "expected notes as JSON, got .*digits"),
        ("[" * 200_000, "nested too deep"),
        ('{"a": ' * 50_000, "nested too deep"),
        ('{"a": ' + "[" * 101 + "]" * 101 + "}", "nested more than 100 deep"),
    ],
)
def test_what_is_no_object_is_named_with_the_file_and_a_hint(tmp_path, content, fault):
    with pytest.raises(JsonFileError, match=rf"notes\.json: .*{fault}.*; write it anew"):
        read_json_object(write(tmp_path, content), "notes", hint="write it anew")


def test_a_missing_file_a_folder_and_a_file_beyond_the_limit_are_named(tmp_path, monkeypatch):
    with pytest.raises(JsonFileError, match=r"gone\.json: expected notes, got no such file; check the path"):
        read_json_object(tmp_path / "gone.json", "notes")
    with pytest.raises(JsonFileError, match="expected a readable file, got Is a directory"):
        read_json_object(tmp_path, "notes")
    monkeypatch.setattr("baseline_code.files.json_file.MAX_BYTES", 50)
    with pytest.raises(JsonFileError, match=r"expected notes of at most 50 bytes, got 109"):
        read_json_object(write(tmp_path, json.dumps({"a": "b" * 100})), "notes")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "notes.json")
    with pytest.raises(JsonFileError, match="got a pipe"):
        read_json_object(tmp_path / "notes.json", "notes")


@pytest.mark.parametrize("value", [0, 0.5, 1, 1e-300])
def test_numbers_within_the_limits_are_numbers(value):
    assert is_number(value, 0, 1)
    assert is_number(value)


@pytest.mark.parametrize("value", [True, None, "0.5", [0.5], float("nan"), float("inf"), float("-inf"), 10**400])
def test_anything_else_is_none_and_nothing_beyond_the_limits(value):
    assert not is_number(value)
    assert not any(is_number(other, 0, 1) for other in (value, -0.1, 1.1))
