"""Probability maps on their way from the network to the threads that read them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


class HostMaps:
    """Probability maps of a batch in 16 bits on the host.

    They are rounded on their device and copied while the next kernels run: only who reads them waits for the copy.

    Args:
        probability: (N, H, W) float in [0, 1], on any device.
    """

    def __init__(self, probability: Tensor) -> None:
        rounded = (probability * 65535 + 0.5).to(torch.uint16)
        self._maps = rounded.to("cpu", non_blocking=rounded.is_cuda)  # from CUDA, into page-locked memory
        self._copied: torch.cuda.Event | None = None
        if rounded.is_cuda:
            self._copied = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
            self._copied.record(torch.cuda.current_stream(rounded.device))

    def __getitem__(self, index: int) -> npt.NDArray[np.uint16]:
        """(H, W), 65535 = 1; the thread that asks sleeps until the copy is there."""
        if self._copied is not None:
            self._copied.synchronize()
        probability: npt.NDArray[np.uint16] = self._maps[index].numpy()
        return probability
