"""Links lead somewhere, Python blocks compile, and every page of docs/ is in the navigation of the site."""

import pytest
import yaml

from tests.commands import ROOT
from tests.documents import DOCS, PAGES, anchors, blocks, links, name

DOCS_FOLDER = ROOT / "docs"


class AnyTag(yaml.SafeLoader):
    """MkDocs names Python functions by tags, which are nothing here."""


AnyTag.add_multi_constructor("", lambda loader, tag, node: None)


def listed(navigation):
    """The files in a navigation, in its order."""
    for entry in navigation:
        for below in [entry] if isinstance(entry, str) else entry.values():
            yield from [below] if isinstance(below, str) else listed(below)


@pytest.mark.parametrize("page", PAGES, ids=name)
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
