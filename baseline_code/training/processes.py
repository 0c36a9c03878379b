"""Which of a training's processes this is."""

from __future__ import annotations

from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from pytorch_lightning.utilities import rank_zero_only


def is_first_process(nodes: int = 1) -> bool:
    """Whether this is the process that writes, of the several of a training on several devices.

    Args:
        nodes: machines of a training whose trainer is not built yet: until then the command of each machine has rank 0,
            and only `NODE_RANK` tells them apart.
    """
    is_first_node = nodes == 1 or LightningEnvironment().node_rank() == 0
    return is_first_node and int(getattr(rank_zero_only, "rank", 0)) == 0
