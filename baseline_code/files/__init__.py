"""Files of this project: written whole or not at all, claimed, listed, and read with one kind of error."""
