"""What runners/ensemble.py joins: members, weights, maps, votes."""
