"""`--help` of a command, out of its configuration files: what it does, examples, presets, and its own settings."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

from runners.cli.command_line import PRESET_FOLDERS, opening_comments, preset_menu
from runners.cli.setting_types import Setting, read_settings
from runners.cli.spellings import TRAINING

_GROUP = re.compile(r"^  - (preset|variant|debug|logger|callbacks|ensemble):(.*?)(?: # .*)?$", re.MULTILINE)
SHOWN = {
    "ceiling": ("worst", "datasets.", "models.head."),
    "doctor": (
        *("parts", "maps", "allow_leak", "hash_distance", "strict", "examples", "output", "datasets.root"),
        *("datasets.img_size", "datasets.padding", "datasets.train.split", "datasets.train.also"),
        *("datasets.val.split", "datasets.val.resize", "datasets.val.max_side", "models.head."),
    ),
}
"""Of commands that have the settings of a training, but read only these."""

FOOTER = """\
Any setting is typed as key=value. Several values, one run each: --multirun key=a,b. What a command would use:
--cfg job. All flags of Hydra: --hydra-help."""


def help_text(config_dir: Path, config_name: str, program: str | None = None) -> str:
    """What a person needs to use a command, as wide as the terminal.

    Args:
        config_dir: folder of the configuration files.
        config_name: of the command, without `.yaml`.
        program: what people type before the settings; None: `python runners/<config_name>.py`.
    """
    sentence, *examples = opening_comments(config_dir / f"{config_name}.yaml") or [config_name]
    script = f"python runners/{config_name}.py"
    shown = "\n".join(f"  {example.replace(script, program or script)}" for example in examples)
    blocks = [textwrap.fill(sentence, _width()), shown]
    for group, default in _groups(config_dir, config_name):
        for folder in PRESET_FOLDERS.get(config_name, ("",)) if group == "preset" else ("",):
            blocks.append(f"{group}= (default: {default})\n{preset_menu(config_dir, folder, group)}")
    own = SHOWN.get(config_name, ("",))
    settings = {key: one for key, one in read_settings(config_dir, config_name).items() if key.startswith(own)}
    blocks.append("\n".join(["Settings, with their defaults:", *_rows(settings)]))
    return "\n\n".join([*blocks, FOOTER]) + "\n"


def _groups(config_dir: Path, config_name: str) -> Iterator[tuple[str, str]]:
    """The config groups that a command lets people choose from, with what is chosen where they do not."""
    for name in (config_name, "training") if config_name in TRAINING else (config_name,):
        path = config_dir / f"{name}.yaml"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        yield from ((group, default.strip().replace("null", "none")) for group, default in _GROUP.findall(text))


def _rows(settings: dict[str, Setting]) -> Iterator[str]:
    width = max((len(f"{key}={one.default}") for key, one in settings.items()), default=0)
    width = min(width, 48)
    for key, one in settings.items():
        words = "; ".join(filter(None, (one.type.replace("existing path", "path"), one.meaning)))
        left = f"  {key}={'…' if one.default == '???' else one.default}"
        lines = textwrap.wrap(words, max(_width() - width - 4, 30)) or [""]
        if len(left) > width + 2:
            yield left
            left = ""
        yield f"{left:<{width + 2}}  {lines[0]}".rstrip()
        yield from (f"{'':<{width + 2}}  {line}" for line in lines[1:])


def _width() -> int:
    return min(shutil.get_terminal_size((120, 24)).columns, 140)
