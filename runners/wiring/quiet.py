"""What Lightning and torch say that helps nobody: advertisements, defaults, deprecations of their own code."""

from __future__ import annotations

import logging
import re
import warnings

_NOISE = re.compile(
    r"Tip: |was configured so 100%|to estimate number of stepping batches|TPU available|"
    r"Using default `ModelCheckpoint`|`Trainer.fit` stopped: `max_epochs|Loaded .*from checkpoint"
)
_LOGGERS = (
    "pytorch_lightning.utilities.rank_zero",
    "lightning_fabric.utilities.rank_zero",
    "timm.models._helpers",  # "Loaded  from checkpoint", for weights that the project names itself
)
_WARNINGS = (
    ".*LeafSpec.*is deprecated",
    ".*number of training batches .* is smaller than the logging interval",
    ".*does not have many workers",
)


def quiet_libraries() -> None:
    """Leaves out such lines from now on; what may mean a fault is still shown."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_of_use)
    for text in _WARNINGS:
        warnings.filterwarnings("ignore", text)


def _is_of_use(record: logging.LogRecord) -> bool:
    return _NOISE.search(record.getMessage()) is None
