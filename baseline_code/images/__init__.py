"""Image files: which ones can be read, how they are decoded, and what is wrong with them."""
