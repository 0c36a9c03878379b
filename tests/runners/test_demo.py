"""`runners/demo.py`: what stops it is one line."""

import importlib
import socket
import sys

import pytest

from tests.commands import composed, output, run


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
