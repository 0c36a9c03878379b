"""How a command line of `key=value` may go on, for a shell that completes it."""

from __future__ import annotations

from collections.abc import Sequence

from hydra import initialize_config_dir
from hydra._internal.core_plugins.bash_completion import BashCompletion
from hydra.core.global_hydra import GlobalHydra

from runners.cli.command_line import VERSION_BASE
from runners.cli.entry import CONFIG_DIR


def suggest(config_name: str, typed: Sequence[str], word: str) -> list[str]:
    """Words that begin with `word`: settings, the choices of a group, files after `key=./`; as Hydra completes them.

    Args:
        config_name: of the command, without `.yaml`.
        typed: the words before it.
        word: its beginning; may be empty.
    """
    line = " ".join([config_name, *typed, word])  # Hydra takes the command's name off again
    with initialize_config_dir(str(CONFIG_DIR.resolve()), version_base=VERSION_BASE):
        completion = BashCompletion(GlobalHydra.instance().config_loader())
        return completion._query(config_name, completion.strip_python_or_app_name(line))
