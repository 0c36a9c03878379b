"""Weights: files of them, the hub, those shipped here, and how they are fitted to a network."""
