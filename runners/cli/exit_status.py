"""What a command's exit status says; 0: all is done."""

EXIT_FAILED = 1
"""It could not be done, or what was to be checked is faulty."""
EXIT_USAGE = 2
"""The command line cannot work: a message says what would."""
EXIT_UNREADABLE = 3
"""All is done but for files that could not be read, which are named."""
EXIT_INTERRUPTED = 130
"""Stopped by Ctrl-C: 128 + SIGINT, as shells have it."""
EXIT_TERMINATED = 143
"""Stopped by SIGTERM: 128 + SIGTERM."""
