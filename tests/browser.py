"""An installed Chromium for the tests of pages, driven by Playwright; a module that has none is skipped in one line."""

import os
import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 180_000  # ms, on a machine that is busy with other tests
REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"  # .ci/run


def required(module):
    """A module of an extra package; without it the tests of the module that asks are skipped, in .ci/run they fail."""
    return __import__(module, fromlist=["_"]) if REQUIRED else pytest.importorskip(module)


@contextmanager
def chromium():
    """The browser, headless."""
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE)
        yield launched
        launched.close()


if not REQUIRED and not CHROMIUM:
    pytest.skip("needs an installed Chromium: apt-get install chromium", allow_module_level=True)
sync_api = required("playwright.sync_api")
