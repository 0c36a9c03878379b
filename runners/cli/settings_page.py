"""docs/settings.md out of the configuration files: presets with what each changes, and all settings of all commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra

from ocr.experiments.changes import leaves, typed_value
from runners.cli.command_line import VERSION_BASE, opening_comments
from runners.cli.help_text import SHOWN
from runners.cli.setting_types import Setting, read_settings
from runners.cli.settings import plain

PARTS = {
    "training": ("Every training", "Detectors (`train.py`, `kfold.py`) and classifiers (`pretrain.py`) have these."),
    "base": ("Detectors", "What a detector has besides, or with another default."),
    "classification": ("Classifiers", "What a classifier has besides, or with another default."),
    "overrides": (
        "Commands that use a checkpoint",
        "`evaluate`, `predict`, `calibrate`, `ensemble` and `export` take their settings from the checkpoint; one that "
        "is given here takes its place.",
    ),
}
"""Configuration files that commands include, each with its heading and a sentence."""
GROUPS = {
    "preset/models": "Networks: `preset/models=NAME`.",
    "preset/datasets": "Sizes of images, and which crops train: `preset/datasets=NAME`.",
    "variant": "A change to any classifier's preset: `variant=NAME`, several by `variant=[NAME,NAME]`.",
    "debug": "A short training to try something: `debug=NAME`.",
    "logger": "Where curves go: `logger=[tensorboard,csv]`.",
}
"""Files that a training can be composed of, beside presets."""
INTRODUCTION = """\
# Presets and settings

Written by `make docs-pages` from the files in `configs/`, where each setting stands once, with its default, its type
and its meaning. Settings are typed as `key=value` after a command; a value of another type or out of its range is
refused before anything is loaded. `--help` of a command shows its own, `--cfg job` what it would use.

A type is a kind of value, a word that stands for itself, or several of these with "or" between them. A range in
brackets includes its end, one in a parenthesis does not."""
PRESETS = """\
## Presets of {what}s

`preset=NAME` of {commands}; the right column is the default of all {what}s."""

_REFERENCE = re.compile(r"\$\{([\w.]+)\}")


def settings_page(config_dir: Path) -> str:
    """The page, in Markdown."""
    GlobalHydra.instance().clear()  # of the command that writes the page, which has been composed by now
    with initialize_config_dir(str(config_dir.resolve()), version_base=VERSION_BASE):
        presets = list(_presets(config_dir))
    blocks = [INTRODUCTION, *presets, *_groups(config_dir), *_parts(config_dir), *_commands(config_dir)]
    return "\n\n".join(blocks) + "\n"


def _presets(config_dir: Path) -> Iterator[str]:
    """A heading, the comment and the changed settings of each preset."""
    yield PRESETS.format(what="detector", commands="`train.py` and `kfold.py`")
    yield from _menu(config_dir, "train", "base", "")
    yield PRESETS.format(what="classifier", commands="`pretrain.py`")
    yield from _menu(config_dir, "pretrain", "classification", "classify/")


def _menu(config_dir: Path, command: str, base: str, folder: str) -> Iterator[str]:
    defaults = read_settings(config_dir, base)
    for file in sorted((config_dir / "preset" / folder).glob("*.yaml")):
        name = f"{folder}{file.stem}"
        composed = dict(leaves(plain(compose(command, [f"preset={name}"]))))
        changed = {key: composed[key] for key, one in defaults.items() if composed[key] != _value(one)}
        rows = [(f"`{key}`", _shown(value), _default(defaults[key])) for key, value in changed.items()]
        yield f"### {name}\n\n{_sentence(file)}"
        yield _table(("setting", "here", "default"), rows)


def _groups(config_dir: Path) -> Iterator[str]:
    """What can be exchanged in a preset."""
    yield "## Parts of presets"
    for group, meaning in GROUPS.items():
        rows = []
        for file in sorted((config_dir / group).glob("*.yaml")):
            content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
            values = [f"`{key}={typed_value(value)}`" for key, value in leaves(content) if "_target_" not in key]
            rows.append((f"`{file.stem}`", _sentence(file), " ".join(values)))
        yield f"### {group}\n\n{meaning}"
        yield _table(("name", "what", "sets"), rows)


def _parts(config_dir: Path) -> Iterator[str]:
    """What commands have in common."""
    known: dict[str, Setting] = {}
    for name, (heading, sentence) in PARTS.items():
        settings = read_settings(config_dir, name)
        yield f"## {heading}\n\n{sentence}"
        yield _settings_table(_own(settings, known))
        known = known or settings  # of every training


def _commands(config_dir: Path) -> Iterator[str]:
    """What each command has besides."""
    yield "## Commands\n\nThe settings that only one command has, or with another default."
    files = [*config_dir.glob("*.yaml"), *(config_dir / "leaderboard").glob("*.yaml")]
    names = sorted(file.relative_to(config_dir).with_suffix("").as_posix() for file in files)
    parts = {name: read_settings(config_dir, name) for name in PARTS}
    for name in names:
        sentence, *examples = opening_comments(config_dir / f"{name}.yaml") or [""]
        if not examples or not examples[0].startswith("python "):
            continue  # a part of commands
        settings = read_settings(config_dir, name)
        included = [part for part, shared in parts.items() if set(shared) <= set(settings)]
        shared = {key: one for part in included for key, one in parts[part].items()}
        yield f"### {name.replace('leaderboard/', 'ledger ')}\n\n{_escaped(sentence)}"
        yield "```bash\n" + "\n".join(examples) + "\n```"
        yield from filter(None, [_included(name, included)])
        own = _own(settings, shared)
        if own:
            yield _settings_table(own)


def _included(name: str, parts: Sequence[str]) -> str:
    """Which shared settings a command has, with links."""
    if name in SHOWN:
        read = [prefix for prefix in SHOWN[name] if "." in prefix]
        return f"Of the settings of [detectors](#detectors) it reads {', '.join(f'`{one}`' for one in read)}."
    headings = [PARTS[part][0] for part in parts]
    links = [f"[{heading[0].lower()}{heading[1:]}](#{heading.lower().replace(' ', '-')})" for heading in headings]
    return f"Besides these: {', '.join(links)}." if links else ""


def _own(settings: Mapping[str, Setting], shared: Mapping[str, Setting]) -> dict[str, Setting]:
    return {key: one for key, one in settings.items() if key not in shared or one.default != shared[key].default}


def _settings_table(settings: Mapping[str, Setting]) -> str:
    """A row for each, groups in the order of their first setting."""
    groups = list(dict.fromkeys(key.partition(".")[0] for key in settings))
    in_order = sorted(settings.items(), key=lambda item: groups.index(item[0].partition(".")[0]))
    rows = [(f"`{key}`", _default(one), _kind(one.type), _escaped(one.meaning)) for key, one in in_order]
    return _table(("key", "default", "type", "meaning"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sentence(file: Path) -> str:
    return _escaped(next(iter(opening_comments(file)), ""))


def _value(setting: Setting) -> object:
    return setting.default if "${" in setting.default else yaml.safe_load(setting.default)


def _default(setting: Setting) -> str:
    if setting.default == "???":
        return "must be given"
    return _shown(_value(setting))


def _shown(value: object) -> str:
    """A value as it is typed; `as KEY` for a reference."""
    reference = _REFERENCE.fullmatch(str(value))
    return f"as `{reference[1]}`" if reference else f"`{typed_value(value)}`"


def _kind(kind: str) -> str:
    return _escaped(kind.replace("existing path", "path").replace(" | ", " or "))


def _escaped(text: str) -> str:
    """Plain text in a cell of a table: what Markdown would take for markup, and what ends a cell."""
    return re.sub(r"([*|])", r"\\\1", text.replace("<", "&lt;"))
