"""Labelled words: reading, checking, splits and leaks; without torch."""
