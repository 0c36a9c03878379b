"""The commands: each runner parses, builds and calls."""
