"""Kinds of findings, and how the page about them lists them."""

import re

from ocr.annotations.faults import Fault, Place
from ocr.data_report.findings import KINDS, SEVERITIES, Finding, sort_findings
from tests.commands import ROOT


def test_the_page_lists_every_kind_as_it_is():
    page = (ROOT / "docs/doctor.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| (.*) \|$", page, flags=re.MULTILINE)
    assert rows == [(severity, kind, what) for kind, (severity, what) in KINDS.items()]


def test_a_fault_names_its_place_where_it_has_one():
    assert str(Fault(Place("a.png", "0001"), "2.1 px")) == "image 'a.png', word '0001': 2.1 px"
    assert str(Fault(Place(None), "2 of 3 words train")) == "2 of 3 words train"
    assert str(Fault(Place("a.png"))) == "image 'a.png'"


def test_findings_come_errors_first_and_those_without_a_place_are_none():
    place = [Fault(Place("a.png"))]
    findings = [Finding("order", "train", place), Finding("tiny", "train", place), Finding("leak", "val", place)]
    found = sort_findings([*findings, Finding("unit", "train", [])])
    assert [finding.severity for finding in found] == list(SEVERITIES)
    assert found[0].to_dict() == {
        "kind": "leak",
        "severity": "error",
        "part": "val",
        "what": "images that another split has as well",
        "count": 1,
        "places": [{"image": "a.png", "word": None, "what": None}],
    }
