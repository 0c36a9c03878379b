"""Image files: which can be read, how they are decoded and encoded, what is wrong with them, and which are alike."""
