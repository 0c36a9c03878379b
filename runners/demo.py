"""Try a detector in the browser: `python runners/demo.py checkpoint_path=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("demo")  # before the page's libraries are imported

import logging
import os
import socket
from pathlib import Path
from typing import Literal

from baseline_code.images.listing import find_images

EXAMPLES = 4
LOOPBACK = ("127.0.0.1", "localhost")

log = logging.getLogger(__name__)


@entry_point("demo")
def main(
    checkpoint_path: str,
    device: Literal["auto", "cpu", "cuda", "mps"],
    threads: int | None,
    host: str,
    port: int,
    browser: bool,
    examples: str | None,
) -> None:
    """Serves the page until it is interrupted."""
    _check_port(host, port)
    from ocr.demo.page import SERVED, build_page
    from ocr.detection import Detector

    logging.getLogger("httpx").setLevel(logging.WARNING)  # Gradio asks its own server whether it is there
    detector = Detector.load(checkpoint_path, device, threads)
    images = [] if examples is None else find_images(Path(examples))[:EXAMPLES]
    if host not in LOOPBACK:
        log.warning("host=%s: whoever reaches this machine can use the page, without a password", host)
    log.info("http://%s:%d, until Ctrl-C", host, port)
    page = build_page(detector, images)
    page.launch(server_name=host, server_port=port, inbrowser=browser, quiet=True, **SERVED)


def _check_port(host: str, port: int) -> None:
    """Says what is in the way before anything is loaded.

    Raises:
        ValueError: if nothing can be served there.
    """
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise ValueError(
            f"expected a free port, got {reason} for {host}:{port}; choose another by port=…, or host=…"
        ) from error


if __name__ == "__main__":
    main()
