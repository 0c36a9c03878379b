"""What an unknown key may have been meant for."""

import difflib
import re
from collections.abc import Iterable

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import ConfigCompositionException

from runners.cli.moved_settings import explain_moved

TRAINS = "trainer.max_epochs"
"""Of a command that has it, Lightning's Trainer reads all below `trainer`."""
_UNKNOWN_KEY = re.compile(r"Could not override '([^']+)'")


def nearest_keys(key: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Known keys that `key` may have been meant for, the likeliest first.

    Keys that only lack their beginning (`optimizer.lr` for `models.optimizer.lr`) come first, then those that are
    spelt alike, then those whose last part is.

    Returns:
        At most `count` dotted keys; none where nothing is alike.
    """
    known = sorted(known)
    shortened = [candidate for candidate in known if candidate.endswith(f".{key}")]
    alike = difflib.get_close_matches(key, known, n=count, cutoff=0.75)
    last_parts = {candidate.rpartition(".")[2] for candidate in known}
    similar_parts = difflib.get_close_matches(key.rpartition(".")[2], last_parts, n=count, cutoff=0.75)
    same_end = [candidate for part in similar_parts for candidate in known if candidate.rpartition(".")[2] == part]
    return list(dict.fromkeys([*shortened, *alike, *same_end]))[:count]


def explain_unknown_key(key: str, known: set[str]) -> str:
    """One line: where a key has moved to, which ones are below or near it, or how to find them."""
    moved = explain_moved(key)
    if moved:
        return moved
    below = sorted(name for name in known if name.startswith(f"{key}."))
    if below:
        return f"{key} is a group, expected settings below it: {', '.join(below[:3])}, …"
    nearest = nearest_keys(key, (name for name in known if _machinery(name) == _machinery(key)))
    hint = f"nearest: {', '.join(nearest)}" if nearest else "`--cfg job` lists the keys that there are"
    if key.startswith("trainer.") and TRAINS in known and not nearest:
        hint = f"another argument of Lightning's Trainer is typed with a plus: +{key}=…"
    return f"unknown key {key}; {hint}"


def without_unknown_key(error: ConfigCompositionException, overrides: list[str]) -> tuple[str, list[str]]:
    """The key that `error` is about, and the overrides without it.

    Raises:
        ConfigCompositionException: `error` itself, if it is not about an unknown key.
    """
    match = _UNKNOWN_KEY.match(str(error))
    parsed = OverridesParser.create().parse_overrides(overrides)
    rest = [str(override.input_line) for override in parsed if match and override.key_or_group != match.group(1)]
    if match is None or len(rest) == len(overrides):
        raise error
    return match.group(1), rest


def _machinery(key: str) -> str | None:
    """The part of the configuration that few people mean to type, if `key` lies in one: Hydra's or the builders'."""
    group = key.partition(".")[0]
    return group if group in {"hydra", "build"} else None
