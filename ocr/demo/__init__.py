"""A page to try a detector on one's own images; needs the extra `[demo]`."""
