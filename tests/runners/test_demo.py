"""`runners/demo.py`: what stops it is one line."""

import importlib
import socket
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.commands import ROOT, composed, output, run

WITHOUT = """
import runpy, sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split(",")))
runpy.run_path("runners/demo.py", run_name="__main__")
"""


def test_the_page_is_served_to_this_machine_alone_unless_a_host_is_typed():
    assert composed("demo").host == "127.0.0.1"


def test_a_port_that_is_taken_is_an_error_before_anything_is_loaded():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("demo", f"port={port}", "browser=false")
    assert result.returncode == 1
    assert output(result) == (
        f"expected a free port, got Address already in use for 127.0.0.1:{port}; choose another by port=…, or host=…"
    )


def test_without_gradio_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.delitem(sys.modules, "ocr.demo.page", raising=False)
    with pytest.raises(ValueError, match=r"^the demo needs Gradio, which is not installed: pip install -e \.\[demo\]$"):
        importlib.import_module("ocr.demo.page")


def test_its_command_line_needs_nothing_of_a_training_but_what_its_extra_brings():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    brought, training = (
        {canonicalize_name(Requirement(line).name) for line in lines}
        for lines in ([*project["dependencies"], *extras["demo"]], [*extras["train"], *extras["fast"]])
    )
    absent = {
        module
        for module, packages in packages_distributions().items()
        if not (training - brought).isdisjoint(map(canonicalize_name, packages))
    }
    assert {"torch", "rich"} < absent
    with socket.create_server(("127.0.0.1", 0)) as taken:
        typed = [f"port={taken.getsockname()[1]}", "browser=false"]
        command = [sys.executable, "-c", WITHOUT, ",".join(absent), *typed]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "expected a free port" in output(result)
