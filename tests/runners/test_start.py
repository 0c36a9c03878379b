"""Commands start at once: without what they do not need."""

import re
import subprocess
import sys

import pytest

from tests.commands import ROOT

TORCH = {"torch", "pytorch_lightning"}
TABLES = "ocr.experiments.ledger, ocr.experiments.log, ocr.visualization.record_tables"


@pytest.mark.parametrize(
    ("modules", "unneeded"),
    [
        ("runners.validate", TORCH),
        ("runners.score", TORCH | {"scipy.stats", "scipy.spatial", "matplotlib"}),
        (f"runners.ledger, runners.experiments, {TABLES}", TORCH | {"numpy"}),
    ],
)
def test_commands_that_read_do_not_import_what_takes_long(modules, unneeded):
    code = f"import sys, {modules}; print(*({unneeded} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []


def test_a_command_line_is_answered_before_anything_but_its_reader_is_imported():
    for runner in (ROOT / "runners").glob("*.py"):
        before, checks, _ = runner.read_text(encoding="utf-8").partition("    check_command(")
        imported = re.findall(r"^(?:from|import) (\S+)", before, flags=re.MULTILINE) if checks else []
        assert set(imported) <= {"__future__", "importlib.util", "sys", "runners.cli.entry"}, runner
