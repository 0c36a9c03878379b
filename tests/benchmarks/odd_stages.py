"""Stages that end in other ways than well."""

import os
import sys
import time


def measure(run):
    """Does what its stage's name says."""
    run.add({"begun": True})
    {"ends": lambda: None, "fails": fail, "dies": lambda: os.kill(os.getpid(), 9), "hangs": hang}[run.stage]()


def fail():
    sys.stdout.write("before the error\n")
    raise ValueError("expected luck, got none\nand more")


def hang():
    time.sleep(60)
