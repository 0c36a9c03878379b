"""Commands that only read labels and predictions start at once: without torch."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("command", ["ledger", "score", "validate"])
def test_reading_commands_do_not_import_torch(command: str) -> None:
    code = f"import sys, runners.{command}; print(*sorted({{'torch', 'pytorch_lightning'}} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
