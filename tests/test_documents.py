"""Links lead somewhere, Python blocks compile, the site has every page, both languages have the same code."""

import re

import pytest
import yaml

from tests.commands import ROOT
from tests.documents import DOCS, FENCE, PAGES, anchors, blocks, links, name

DOCS_FOLDER = ROOT / "docs"
PACKAGE_PAGES = [*sorted((ROOT / "baseline_code").rglob("README.md")), *sorted((ROOT / "synthetic").rglob("README.md"))]


class AnyTag(yaml.SafeLoader):
    """MkDocs names Python functions by tags, which are nothing here."""


AnyTag.add_multi_constructor("", lambda loader, tag, node: None)


def listed(navigation):
    """The files in a navigation, in its order."""
    for entry in navigation:
        for below in [entry] if isinstance(entry, str) else entry.values():
            yield from [below] if isinstance(below, str) else listed(below)


@pytest.mark.parametrize("page", [*PAGES, *PACKAGE_PAGES], ids=name)
def test_every_link_and_anchor_leads_somewhere(page):
    broken = []
    for link in links(page):
        address, _, anchor = link.partition("#")
        target = (page.parent / address).resolve() if address else page
        outside = page in DOCS and not target.is_relative_to(DOCS_FOLDER)  # is no page of the site
        if outside or not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python", "py")], ids=name)
def test_every_python_block_compiles(page):
    for block in blocks(page, "python", "py"):
        compile(block, name(page), "exec")


def test_every_page_is_in_the_navigation_and_every_entry_is_a_page():
    site = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), AnyTag)
    assert sorted(listed(site["nav"])) == [page.relative_to(DOCS_FOLDER).as_posix() for page in DOCS]


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem.endswith(".ko")], ids=name)
def test_a_translation_has_the_same_code_and_both_lead_to_each_other(page):
    original = page.with_name(page.name.replace(".ko.", "."))
    code = [FENCE.findall(text.read_text(encoding="utf-8")) for text in (original, page)]
    assert code[0] == code[1]
    for here, there in ((original, page), (page, original)):
        assert f"]({there.name})" in here.read_text(encoding="utf-8")[:200]


def test_the_traps_name_tests_that_are_there():
    traps = (DOCS_FOLDER / "troubleshooting.md").read_text(encoding="utf-8").partition("## Traps")[2]
    for cell in re.findall(r"\| ([^|]*) \|$", traps, flags=re.MULTILINE):
        folder = ""
        for file in re.findall(r"`([^`]+)`", cell):
            folder = file.rpartition("/")[0] or folder  # `postprocess/test_a.py`, `test_b.py`
            assert (ROOT / "tests" / file).exists() or (ROOT / "tests" / folder / file).exists(), file
