"""The reference experiments and the throughput of a machine with an accelerator: packed, run by one command, shown."""
