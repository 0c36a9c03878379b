"""What is printed, as text."""

import io

from rich.console import Console


def printed(print_it, *arguments, width=200, **options):
    """What `print_it` prints on a terminal of that width."""
    console = Console(file=io.StringIO(), width=width)
    print_it(*arguments, console=console, **options)
    return console.file.getvalue()
