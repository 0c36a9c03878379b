"""What TensorBoard shows of a training beside its curves."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings

import torch
from pytorch_lightning.loggers import Logger, TensorBoardLogger
from torch import Tensor, nn

from baseline_code.files.shown_text import first_line
from baseline_code.images.reading import Pixels

log = logging.getLogger(__name__)


def log_graph(loggers: list[Logger], network: nn.Module, example: Tensor) -> bool:
    """Draws the network into TensorBoard's GRAPHS tab.

    The network runs once on the example, in evaluation mode, and is left as it was.

    Args:
        loggers: those of TensorBoard among them get the graph.
        network: images -> whatever.
        example: (N, 3, H, W) float, on the network's device.

    Returns:
        False where the network cannot be traced; a warning then says why.
    """
    modes = [(module, module.training) for module in network.modules()]
    try:
        network.eval()
        with torch.no_grad(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # the tracer's, about shapes taken for constants
            for logger in _tensorboards(loggers):
                logger.experiment.add_graph(network, example)
    except Exception as error:  # the tracer passes on whatever a network raises
        name = type(network).__name__
        log.warning("no model graph in TensorBoard: %s cannot be traced (%s)", name, first_line(error))
        return False
    finally:
        for module, training in modes:
            module.training = training
    return True


def log_image(loggers: list[Logger], name: str, image: Pixels, step: int) -> None:
    """Shows (H, W, 3) uint8 RGB under IMAGES."""
    for logger in _tensorboards(loggers):
        logger.experiment.add_image(name, image, step, dataformats="HWC")


def _tensorboards(loggers: list[Logger]) -> list[TensorBoardLogger]:
    return [logger for logger in loggers if isinstance(logger, TensorBoardLogger)]
