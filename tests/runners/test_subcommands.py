"""Subcommands and arguments by position in front of Hydra's `key=value`."""

import sys

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from runners.cli.command_line import UsageError
from runners.cli.subcommands import Subcommand, run_subcommand, translate

COMMANDS = {"add": Subcommand(lambda: None, "submission"), "compare": Subcommand(lambda: None, "first", "second")}


def test_arguments_are_named_by_their_position():
    name, arguments = translate(["compare", "a", "show=3", "b"], COMMANDS)
    assert (name, arguments) == ("compare", ["first='a'", "show=3", "second='b'"])


def test_settings_may_be_given_by_name_instead():
    assert translate(["add", "submission=a", "+new.key=1", "~old="], COMMANDS)[1] == [
        "submission=a",
        "+new.key=1",
        "~old=",
    ]


def test_flags_of_hydra_pass_with_their_values():
    assert translate(["add", "--cfg", "job", "a", "--help"], COMMANDS)[1] == [
        "--cfg",
        "job",
        "submission='a'",
        "--help",
    ]


@pytest.mark.parametrize(
    "path", ["submissions/first", "my run", "a,b", "it's", "runs/lr=0.1", "C:\\runs\\", "a\\'b", "${x}", "[1]", "null"]
)
def test_hydra_reads_any_path_as_it_was_typed(path):
    ((override,),) = (OverridesParser.create().parse_overrides(translate(["add", path], COMMANDS)[1]),)
    assert override.key_or_group == "submission"
    assert str(override.value()).replace("\\${", "${") == path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], r"expected one of add <submission> \[key=value …\], compare <first> <second> .*; got nothing"),
        (["ad", "x"], r"expected one of add .*; got 'ad'"),
        (["add", "x", "y"], r"expected add <submission> \[key=value …\], got 'y' beyond that"),
    ],
)
def test_what_cannot_be_read_is_answered_with_the_usage(arguments, message):
    with pytest.raises(UsageError, match=message):
        translate(arguments, COMMANDS)


def test_the_subcommand_runs_with_its_arguments(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "argv", ["runners/x.py", "add", "a"])
    run_subcommand({"add": Subcommand(lambda: seen.extend(sys.argv), "submission")})
    assert seen == ["runners/x.py", "submission='a'"]


def test_a_usage_error_is_status_2(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["runners/x.py"])
    with pytest.raises(SystemExit) as exit_:
        run_subcommand(COMMANDS)
    assert exit_.value.code == 2
    assert "got nothing" in capsys.readouterr().err
