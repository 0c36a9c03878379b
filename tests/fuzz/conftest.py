"""The long form's figures, printed as a table."""

import pytest

ROWS = pytest.StashKey()


def pytest_configure(config):
    config.stash[ROWS] = []


@pytest.fixture
def rows(pytestconfig):
    return pytestconfig.stash[ROWS]


def pytest_terminal_summary(terminalreporter, config):
    if not config.stash[ROWS]:
        return
    terminalreporter.write_line("")
    titles = ("reader", "inputs", "refused with a message", "accepted", "other errors, nonsense, hangs")
    terminalreporter.write_line(f"| {' | '.join((*titles, 'longest call', 'seconds'))} |")
    terminalreporter.write_line("|---|" + "---:|" * 6)
    for row in config.stash[ROWS]:
        terminalreporter.write_line(f"| {' | '.join(row)} |")
