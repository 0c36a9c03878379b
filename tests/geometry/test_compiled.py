"""What `exact` keeps of IEEE 754."""

import numba
import numpy as np
import pytest

from ocr.geometry.compiled import PACKAGE, exact, sources_digest


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
