"""A trained detector as files that other programs read."""
