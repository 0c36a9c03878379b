"""The pages for newcomers: their commands compose, their links lead somewhere, both languages say the same commands."""

import re
import shlex

import pytest

from runners.cli.command_line import check_overrides
from runners.cli.entry import CONFIG_DIR
from runners.cli.quoting import quote_overrides
from runners.cli.setting_types import read_settings
from runners.cli.spellings import complete_overrides
from tests.commands import ROOT

GUIDES = ("docs/first_hour.md", "docs/your_data.md", "docs/troubleshooting.md")
TRANSLATED = {"README.md": "README.ko.md", "docs/first_hour.md": "docs/first_hour.ko.md"}
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)\s]+)\)")


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page):
    """Language and text of each code block."""
    return BLOCK.findall(read(page))


def commands():
    """Commands in blocks and in the text; where there is a lone `key=` the page asks for its menu."""
    for page in GUIDES:
        lines = [line.strip() for language, text in blocks(page) if language == "bash" for line in text.splitlines()]
        lines += re.findall(r"`(python runners/[^`]*)`", read(page))
        yield from (line for line in lines if line.startswith("python runners/") and not line.endswith(("=", "…")))


def slug(heading):
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_every_command_of_the_guides_composes(command):
    runner, *typed = shlex.split(command, comments=True)[1:]
    assert (ROOT / runner).is_file()
    name = runner.removeprefix("runners/").removesuffix(".py")
    quoted = quote_overrides(typed, read_settings(CONFIG_DIR, name), multirun=False)
    check_overrides(CONFIG_DIR, name, complete_overrides(name, quoted))


@pytest.mark.parametrize(("english", "korean"), TRANSLATED.items())
def test_both_languages_have_the_same_code_and_lead_to_each_other(english, korean):
    assert blocks(english) == blocks(korean)
    for page, other in ((english, korean), (korean, english)):
        assert f"]({other.rpartition('/')[2]})" in read(page)[:200]


@pytest.mark.parametrize("page", [*GUIDES, *TRANSLATED.values()])
def test_every_link_leads_to_a_file_and_a_heading_of_it(page):
    for link in LINK.findall(read(page)):
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in map(slug, headings), link


def test_the_traps_name_tests_that_are_there():
    for cell in re.findall(r"\| ([^|]*) \|$", read("docs/troubleshooting.md").partition("## Traps")[2], re.MULTILINE):
        folder = ""
        for name in re.findall(r"`([^`]+)`", cell):
            folder = name.rpartition("/")[0] or folder  # `postprocess/test_a.py`, `test_b.py`
            assert (ROOT / "tests" / name).exists() or (ROOT / "tests" / folder / name).exists(), name
