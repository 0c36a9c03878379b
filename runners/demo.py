"""Try a detector in the browser: `python runners/demo.py checkpoint_path=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("demo")  # before the page's libraries are imported

import logging
import os
import socket
from pathlib import Path

from omegaconf import DictConfig

from baseline_code.images.listing import find_images

EXAMPLES = 4
LOOPBACK = ("127.0.0.1", "localhost")

log = logging.getLogger(__name__)


@entry_point("demo")
def main(config: DictConfig) -> None:
    """Serves the page until it is interrupted."""
    _check_port(config.host, config.port)
    from ocr.demo.page import SERVED, build_page
    from ocr.detection import Detector

    logging.getLogger("httpx").setLevel(logging.WARNING)  # Gradio asks its own server whether it is there
    detector = Detector.load(config.checkpoint_path, config.device, config.threads)
    examples = [] if config.examples is None else find_images(Path(config.examples))[:EXAMPLES]
    if config.host not in LOOPBACK:
        log.warning("host=%s: whoever reaches this machine can use the page, without a password", config.host)
    log.info("http://%s:%d, until Ctrl-C", config.host, config.port)
    page = build_page(detector, examples)
    page.launch(server_name=config.host, server_port=config.port, inbrowser=config.browser, quiet=True, **SERVED)


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
