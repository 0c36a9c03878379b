"""A trained detector at work: from images to probability maps and words."""
