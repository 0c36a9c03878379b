"""The overrides of a sweep (`key=1,2`), one choice at a time, and what Hydra stumbles over in them."""

from collections.abc import Iterator, Mapping, Sequence

from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, QuotedString

from ocr.experiments.changes import typed_value
from runners.cli.setting_types import Setting, find_fault, reads_paths
from runners.cli.spellings import UsageError, settled_size


def variants(overrides: Sequence[str], settings: Mapping[str, Setting]) -> Iterator[list[str]]:
    """The overrides with the first choice of every sweep, then with each further choice of a group or a path to read.

    Hydra must be initialised.

    Raises:
        UsageError: for a name that is none, and for an interval without a sweeper that draws from it.
    """
    loader = GlobalHydra.instance().config_loader()
    parsed = OverridesParser.create(config_loader=loader).parse_overrides(list(overrides))
    _check_names(parsed, loader)
    _check_intervals(parsed)
    choices = [_choices(override) for override in parsed]
    first = [options[0] for options in choices]
    yield first
    for position, override in enumerate(parsed):
        key = override.key_or_group
        if loader.get_group_options(key) or (key in settings and reads_paths(settings[key].type)):
            for option in choices[position][1:]:
                yield [*first[:position], option, *first[position + 1 :]]


def check_swept(overrides: Sequence[str], settings: Mapping[str, Setting]) -> None:
    """Refuses values of a sweep that are of another type.

    Raises:
        UsageError: naming the first.
    """
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        if override.is_discrete_sweep() and override.key_or_group in settings:
            key = override.key_or_group
            for value in override.sweep_iterator():
                plain_value = value.text if isinstance(value, QuotedString) else value
                fault = find_fault(key, settled_size(key, plain_value), settings[key])
                if fault is not None:
                    raise UsageError(fault)


def _check_names(overrides: Sequence[Override], loader: ConfigLoader) -> None:
    """Refuses numbers and nulls as names, which Hydra stumbles over.

    Raises:
        UsageError: naming the setting and what could be chosen.
    """
    for override in overrides:
        group = override.key_or_group
        options = loader.get_group_options(group)
        if not options or override.is_delete() or override.is_sweep_override():
            continue
        chosen = override.value()
        wrong = [name for name in (chosen if isinstance(chosen, list) else [chosen]) if not isinstance(name, str)]
        if wrong:
            hint = f"; none of them: {group}=[]" if wrong[0] is None and not group.startswith("preset") else ""
            raise UsageError(
                f"expected {group} to be one or a list of {', '.join(options)}, got {typed_value(wrong[0])} in "
                f"{override.input_line}{hint}"
            )


def _check_intervals(overrides: Sequence[Override]) -> None:
    """Refuses `interval(low, high)` where no sweeper was chosen: Hydra's own takes values one by one.

    Raises:
        UsageError: with such values.
    """
    for override in overrides:
        value = override.value()
        if isinstance(value, IntervalSweep) and all(one.key_or_group != "hydra/sweeper" for one in overrides):
            values = f"{override.get_key_element()}={value.start or 0:g},{value.end or 0:g}"
            raise UsageError(
                f"{override.input_line}: an interval needs a sweeper that draws from it (hydra/sweeper=…); "
                f"without one, type values: --multirun {values}"
            )


def _choices(override: Override) -> list[str]:
    value = override.value()
    if isinstance(value, IntervalSweep):
        return [f"{override.get_key_element()}={value.start or 0:g}"]
    if not override.is_discrete_sweep():
        return [str(override.input_line)]
    return [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]
