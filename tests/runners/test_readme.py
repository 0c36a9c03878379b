"""What README.md and the pages of docs/ tell people to type works."""

import re
import shlex

import pytest

from runners.cli.command_line import check_overrides
from runners.cli.entry import CONFIG_DIR
from runners.cli.quoting import quote_overrides
from runners.cli.setting_types import read_settings
from runners.cli.spellings import complete_overrides
from runners.ledger import POSITIONAL, name_positional
from tests.commands import ROOT
from tests.documents import PAGES, README, commands, commands_in_text, lines

COMMANDS = commands(README)
ALL_COMMANDS = list(dict.fromkeys(command for page in PAGES for command in [*commands(page), *commands_in_text(page)]))
TARGETS = sorted({shlex.split(line)[1] for page in PAGES for line in lines(page) if line.startswith("make ")})


def typed(command):
    """Runner and overrides; an ellipsis stands for a value of the reader's."""
    words = shlex.split(command.partition(" && ")[0], comments=True)[1:]
    return words[0], [word.replace("…", "anything").replace("...", "anything") for word in words[1:]]


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_every_command_names_a_runner_and_composes(command):
    runner, overrides = typed(command)
    file = ROOT / runner
    assert file.is_file()
    name, overrides = file.stem, [word for word in overrides if not word.startswith("-")]
    if name == "ledger":
        command, *words = overrides
        name, overrides = f"leaderboard/{command}", name_positional(words, POSITIONAL[command])
    settings = read_settings(CONFIG_DIR, name)
    check_overrides(CONFIG_DIR, name, complete_overrides(name, quote_overrides(overrides, settings)))


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_exists(target):
    assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
