"""K-fold training: its folder, its trainings, its out-of-fold predictions, its ensemble."""
