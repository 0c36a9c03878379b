"""What was tried and submitted: the experiment log, the ledger of submissions, and how each result came about."""
