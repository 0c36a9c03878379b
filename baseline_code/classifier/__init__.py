"""The image classifier: training module, loss, metrics, predictions, sheets of images."""
