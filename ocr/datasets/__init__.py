"""Images and labels: reading, augmentation, training maps, loaders.

Nothing is imported here: commands that only read labels start without torch.
"""
