"""What `exact` keeps of IEEE 754, where machine code is kept, and what runs without numba."""

import logging

import numba
import numpy as np
import pytest

from ocr.geometry import compiled as module
from ocr.geometry.compiled import PACKAGE, cache_folder, compiled, exact, sources_digest, without_numba


@exact
def _divide(dividend, divisor):
    return dividend / divisor


@exact
def _lost_digits(large, small):
    return ((large + small) - large) - small


@exact
def _is_nan(value):
    return value != value


@pytest.mark.parametrize(("dividend", "quotient"), [(1.0, np.inf), (-1.0, -np.inf), (0.0, np.nan)])
def test_a_division_by_zero_gives_what_numpy_gives(dividend, quotient):
    np.testing.assert_equal(_divide(dividend, 0.0), quotient)


def test_operations_are_done_in_the_order_in_which_they_are_written():
    assert _lost_digits(1e16, 1.0) == -1.0  # 1e16 + 1 rounds to 1e16


def test_nan_is_seen():
    assert _is_nan(np.nan)


def test_the_cache_is_left_behind_when_any_module_with_compiled_loops_changes(tmp_path):
    caller, plain = tmp_path / "caller.py", tmp_path / "plain.py"
    caller.write_text("from ocr.geometry.compiled import compiled\n")
    plain.write_text("import numpy\n")
    before = sources_digest.__wrapped__(tmp_path)
    plain.write_text("import numpy as np\n")
    assert sources_digest.__wrapped__(tmp_path) == before
    caller.write_text("from ocr.geometry.compiled import compiled, exact\n")
    assert sources_digest.__wrapped__(tmp_path) != before


def test_loops_are_cached_in_a_folder_of_that_digest_and_numbas_own_setting_stays():
    assert sources_digest(PACKAGE) in _divide.stats.cache_path
    assert not numba.config.CACHE_DIR


# ---- the folder of the cache


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The package among other installed ones, and a user with a folder for caches."""
    package = tmp_path / "site-packages" / "ocr"
    package.mkdir(parents=True)
    monkeypatch.setattr(module, "PACKAGE", package)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path


def find(chosen=""):
    return cache_folder.__wrapped__(chosen)


def test_an_installed_package_keeps_its_machine_code_in_the_users_folder_for_caches(installed):
    assert find() == installed / "caches" / "dbnet-training"
    assert find(str(installed / "chosen")) == installed / "chosen"
    assert list((installed / "site-packages").rglob("*")) == [installed / "site-packages" / "ocr"]


def test_a_checkout_keeps_it_in_its_own_folder(installed):
    (installed / "site-packages" / "pyproject.toml").touch()
    assert find() == installed / "site-packages" / "ocr" / "__pycache__"


def test_a_folder_that_cannot_be_made_is_passed_over_and_a_warning_says_that_there_is_none(installed, caplog):
    (installed / "file").touch()
    chosen = str(installed / "file" / "below")
    assert find(chosen) == installed / "caches" / "dbnet-training"
    (installed / "caches" / "dbnet-training").rmdir()
    (installed / "caches" / "dbnet-training").touch()
    with caplog.at_level(logging.WARNING):
        assert find(chosen) is None
    assert f"no folder to keep compiled loops in ({chosen}, " in caplog.text
    assert "set NUMBA_CACHE_DIR" in caplog.text


def test_loops_are_compiled_where_nothing_can_be_kept(monkeypatch):
    monkeypatch.setattr(module, "cache_folder", lambda chosen: None)
    doubled = compiled(lambda value: 2 * value)
    assert doubled(21) == 42
    assert doubled.stats.cache_path is None


# ---- without numba


def test_without_numba_the_function_itself_or_its_replacement_runs(monkeypatch):
    monkeypatch.setattr(module, "HAS_NUMBA", False)

    def loop(value):
        return value + 1

    assert compiled(loop) is loop
    assert exact(loop) is loop
    assert without_numba(_is_nan)(loop) is _is_nan
    monkeypatch.undo()
    assert without_numba(_is_nan)(loop) is loop
