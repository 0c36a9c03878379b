"""A detector in other programs: each file is one to start from."""
