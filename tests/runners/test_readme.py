"""What README.md tells people to type works."""

import re
import shlex

import pytest

from runners.cli.command_line import check_overrides
from runners.cli.entry import CONFIG_DIR
from runners.ledger import POSITIONAL, name_positional
from tests.commands import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
BLOCKS = [text for language, text in FENCED if language in ("", "sh", "bash", "shell", "console")]
LINES = [line.strip().removeprefix("$ ") for block in BLOCKS for line in block.replace("\\\n", " ").splitlines()]
COMMANDS = [line for line in LINES if line.startswith("python runners/")]
TARGETS = sorted({shlex.split(line)[1] for line in LINES if line.startswith("make ")})


def typed(command):
    """Runner and overrides; an ellipsis stands for a value of the reader's."""
    words = shlex.split(command, comments=True)[1:]
    return words[0], [word.replace("…", "anything").replace("...", "anything") for word in words[1:]]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_names_a_runner_and_composes(command):
    runner, overrides = typed(command)
    file = ROOT / runner
    assert file.is_file()
    name, overrides = file.stem, [word for word in overrides if not word.startswith("-")]
    if name == "ledger":
        command, *words = overrides
        name, overrides = f"leaderboard/{command}", name_positional(words, POSITIONAL[command])
    check_overrides(CONFIG_DIR, name, overrides)


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_of_the_readme_exists(target):
    assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?://|#)([^)#\s]+)", README))
def test_every_local_link_of_the_readme_leads_somewhere(link):
    assert (ROOT / link).exists()
