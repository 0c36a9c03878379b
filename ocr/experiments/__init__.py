"""What was tried and submitted: the ledger and how a result came about."""
