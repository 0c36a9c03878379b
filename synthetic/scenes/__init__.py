"""Generated photographs with words on them, and without: receipts, signs, or nothing to read."""

from synthetic.scenes.dataset import ScenesPlan, write_scenes
from synthetic.scenes.photographs import Photographs, find_photographs

__all__ = ["Photographs", "ScenesPlan", "find_photographs", "write_scenes"]
