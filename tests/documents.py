"""The pages that people read: the READMEs and docs/, with their code blocks, links and anchors."""

import re

from tests.commands import ROOT

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
SHELLS = ("", "sh", "bash", "shell", "console")

README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "weights").rglob("README.md")), *DOCS]


def name(page):
    return page.relative_to(ROOT).as_posix()


def blocks(page, *languages):
    """The fenced blocks of a page in these languages."""
    return [text for language, text in FENCE.findall(page.read_text(encoding="utf-8")) if language in languages]


def lines(page):
    """What a page tells people to type, line by line."""
    joined = (block.replace("\\\n", " ") for block in blocks(page, *SHELLS))
    return [line.strip().removeprefix("$ ") for block in joined for line in block.splitlines()]


def commands(page):
    """Those in blocks, in their order."""
    return [line for line in lines(page) if line.startswith("python runners/")]


def commands_in_text(page):
    """Those in sentences and tables; one that ends in `=` or `…` asks for a value and is left out."""
    found = re.findall(r"`(python runners/[^`\n]*)`", FENCE.sub("", page.read_text(encoding="utf-8")))
    return [command for command in found if not command.endswith(("=", "…"))]


def prose(page):
    """A page without its code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text(encoding="utf-8")))


def links(page):
    """Addresses within the repository, of links and images."""
    text = prose(page)
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    return [address for address in dict.fromkeys(found) if not re.match(r"https?://|mailto:", address)]


def anchors(page):
    """What can follow `#` in a link to a page: GitHub's names of its headings."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ +(.+?) *$", text, flags=re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}
