"""Servers of the examples on loopback, and pages whose words are known."""

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import httpx2
import numpy as np
import uvicorn

from tests.commands import ROOT

CLIENT = httpx2.Client(timeout=120)
"""Of all threads: making one takes longer than a request."""
COLUMNS, WORD = 4, (40, 16)


def numbered_page(number, ink=(0, 0, 0)):
    """A page of 1 to 15 words, in the cells that are the bits of the number's low half; sizes differ, too.

    Returns:
        The bytes of its PNG file, and the boxes of its words (left, top, right, bottom), in reading order.
    """
    width, height = 256 + 16 * (number % 7), 96 + 16 * (number % 5)
    pixels, boxes = np.full((height, width, 3), 255, np.uint8), []
    for cell in range(COLUMNS):
        if (number % 15 + 1) >> cell & 1:
            left, top = 8 + cell * 60, 20 + number % 8 * 4
            pixels[top : top + WORD[1], left : left + WORD[0]] = ink
            boxes.append((left, top, left + WORD[0], top + WORD[1]))
    return png(pixels), boxes


def png(pixels):
    """The bytes of a file of (H, W, 3) RGB pixels."""
    return cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes()


def boxes_of(answer):
    """The boxes of the words in an answer."""
    points = [np.array(word["points"]) for word in answer["words"]]
    return [(*one.min(axis=0), *one.max(axis=0)) for one in points]


@contextmanager
def serving(app):
    """Serves an app in a thread of this process; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def process(*arguments, **environment):
    """Serves in a process of its own; gives its address and its number."""
    command = [sys.executable, "-m", "examples.serve", "--port=0", *arguments]
    child = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        for line in child.stderr:
            if address := re.search(r"running on (http://\S+)", line):
                break
        threading.Thread(target=child.stderr.read, daemon=True).start()
        yield address[1], child.pid
    finally:
        child.terminate()
        child.wait()


def ask(address, image, **parameters):
    """The status of `/detect`, and its answer."""
    headers = {"Content-Type": "image/png"}
    response = CLIENT.post(f"{address}/detect", content=image, params=parameters, headers=headers)
    return response.status_code, response.json()


def resident_mb(pid):
    """Memory of a process, 10^6 bytes; needs Linux's /proc."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
