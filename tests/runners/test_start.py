"""Commands that only read start at once: without what they do not need."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("command", ["ledger", "score", "validate"])
def test_reading_commands_do_not_import_torch(command: str) -> None:
    code = f"import sys, runners.{command}; print(*sorted({{'torch', 'pytorch_lightning'}} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []


def test_tables_are_shown_without_numpy() -> None:
    shown = "ocr.experiments.ledger, ocr.experiments.log, ocr.visualization.record_tables"
    code = f"import sys, runners.ledger, runners.experiments, {shown}; print('numpy' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == ["False"]


def test_scores_do_without_the_packages_that_take_long_to_import() -> None:
    code = "import sys, runners.score; print(*({'scipy.stats', 'scipy.spatial', 'matplotlib'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
