"""The command line: Hydra with errors that people can act on."""
