"""What is printed, as text."""

import io
import os
from contextlib import redirect_stdout
from unittest.mock import patch


def printed(print_it, *arguments, width=200, **options):
    """What `print_it` prints on a terminal of that width."""
    with redirect_stdout(io.StringIO()) as text, patch.dict(os.environ, COLUMNS=str(width)):
        print_it(*arguments, **options)
    return text.getvalue()
