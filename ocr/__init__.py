"""Text detection by differentiable binarisation (DBNet): data, models, post-processing and metrics."""
