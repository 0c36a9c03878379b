"""What makes the host wait for an accelerator, found on the CPU by the operations that a step runs."""

import pytorch_lightning as pl
import torch
from torch.utils._python_dispatch import TorchDispatchMode

READS = {  # their results, or the shapes of their results, come from values
    "aten::_local_scalar_dense",  # .item(), float(…), bool(…), an `if` on a tensor
    "aten::is_nonzero",
    "aten::nonzero",
    "aten::masked_select",
    "aten::equal",
    "aten::bincount",
    "aten::_unique2",
    "aten::unique_dim",
    "aten::unique_consecutive",
    "aten::repeat_interleave",  # unless it is told the size
    "aten::lift_fresh",  # torch.tensor(…): a value goes to the device, and the host waits until it is there
}
INDEXING = {"aten::index", "aten::index_put", "aten::index_put_"}


class Waits(TorchDispatchMode):
    """Collects the operations that would make the host wait for its device."""

    def __init__(self):
        super().__init__()
        self.operations = 0
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.operations += 1
        name = function.name().partition(".")[0]
        by_mask = name in INDEXING and any(index is not None and index.dtype == torch.bool for index in args[1])
        told_size = (kwargs or {}).get("output_size") is not None
        if (name in READS and not told_size) or by_mask:
            self.seen.append(name)
        return function(*args, **(kwargs or {}))


WATCHED = 1  # not the first batch of an epoch, nor the last: Lightning makes its sums, and the bar shows the loss


class WatchedStep(pl.Callback):
    """Watches one batch, from before its step until the other callbacks have ended it."""

    def __init__(self):
        self.waits = Waits()

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if batch_idx == WATCHED:
            self.waits.__enter__()

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if batch_idx == WATCHED:
            self.waits.__exit__(None, None, None)


class ForbiddenWaits(pl.Callback):
    """The same on a CUDA device, which raises an error where the host waits: also while the batch comes there."""

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        torch.cuda.set_sync_debug_mode("error" if batch_idx == WATCHED - 1 else "default")
