"""What both trainers stand on: optimisation, checkpoints, loaders by epoch, callbacks."""
