"""From settings and checkpoints to parts and trainings."""
