"""Virtual environments with the built wheel, outside the repository and without its packages."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.commands import ROOT

# Read at the start of each Python: a program that opens a connection fails.
NO_NETWORK = """
import socket

def refuse(*_, **__):
    raise OSError("this process must do without a network")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
"""
# As root, permissions do not count: the folder is mounted anew, for one process.
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


class Environment:
    """An environment of its own, whose commands run in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "environment"
        self.here = folder / "here"
        self.here.mkdir()
        (folder / "offline").mkdir()
        (folder / "offline/sitecustomize.py").write_text(NO_NETWORK)
        self.offline = {"PYTHONPATH": str(folder / "offline"), "XDG_CACHE_HOME": str(folder / "caches")}
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.folder)], check=True)
        self.packages = next(self.folder.glob("lib/python*/site-packages"))

    def install(self, *arguments: str) -> None:
        pip = [sys.executable, "-m", "pip", "--python", str(self.folder), "install", "--quiet"]
        done = subprocess.run([*pip, *arguments], capture_output=True, text=True, check=False, cwd=self.here)
        assert done.returncode == 0, done.stderr

    def run(self, command: str, *arguments: object, read_only: bool = False, **environment: str):
        """A command of its `bin`, without a network; the installed packages are the same afterwards."""
        words = [str(self.folder / "bin" / command), *map(str, arguments)]
        if read_only and os.geteuid() == 0:
            words = ["unshare", "--mount", "sh", "-c", READ_ONLY, str(self.folder), *words]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NUMBA"))}
        before = self.files()
        done = subprocess.run(
            words,
            cwd=self.here,
            env=inherited | self.offline | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert self.files() == before
        return done

    def files(self) -> dict[Path, int]:
        """Installed files with the times at which they were written; folders too."""
        return {path: path.stat().st_mtime_ns for path in self.packages.rglob("*")}

    @property
    def megabytes(self) -> float:
        """Of the installed packages."""
        files = (path for path in self.packages.rglob("*") if path.is_file() and not path.is_symlink())
        return sum(path.stat().st_size for path in files) / 1e6

    def borrow_packages(self) -> None:
        """Those of the environment that runs the tests, behind its own."""
        (self.packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")


def build_wheel(folder: Path) -> Path:
    """The wheel of the repository."""
    pytest.importorskip("hatchling", reason="needs hatchling: pip install hatchling")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*pip, str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel
