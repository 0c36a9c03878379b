"""The table of all trainings."""
