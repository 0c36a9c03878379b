"""The demo in a headless Chromium: an image dropped, sliders moved, and nobody else's host asked for anything."""

import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.browser import PATIENCE, chromium, required

sync_api = required("playwright.sync_api")
required("gradio")

from gradio.route_utils import delete_files_created_by_app  # noqa: E402

from ocr.demo.page import INVITATION, SERVED, build_page  # noqa: E402 - needs Gradio
from tests.demo.counting import PAGE, counted  # noqa: E402


@pytest.fixture(scope="module")
def demo():
    return counted()


@pytest.fixture(scope="module")
def address(demo):
    """Where the page is served on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    page = build_page(demo.detector)
    _, url, _ = page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True, **SERVED)
    yield url
    page.close()


@pytest.fixture(scope="module")
def opened(address):
    """The page, and what went wrong in it: errors of its console, and other hosts that it asked."""
    host, complaints = urlsplit(address).netloc, []
    with chromium() as launched:
        page = launched.new_page(viewport={"width": 1300, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if host not in request.url else None)
        page.goto(address)
        for part in ("#file input[type=file]", "#line textarea"):
            page.wait_for_selector(part, state="attached")
        yield page, complaints


@pytest.fixture
def page(opened):
    """The page without an image, its sliders where they were at first; Gradio's scripts take long to load again."""
    page, complaints = opened
    says(page, INVITATION)
    reset(page)
    yield page
    clear(page)
    assert complaints == []


def reset(page):
    """The sliders where they were at first."""
    move(page, "thresh", 0.3)
    move(page, "box_thresh", 0.4)


def says(page, start, patience=PATIENCE):
    """Waits until the line begins so."""
    line = "start => document.querySelector('#line textarea')?.value.startsWith(start)"
    page.wait_for_function(line, arg=start, timeout=patience)


def read(page, path, start):
    """Gives the page an image, and waits until the line begins so; again where what was typed meanwhile was lost."""
    for _ in range(10):
        drop(page, path)
        with suppress(sync_api.TimeoutError):
            says(page, start, PATIENCE / 10)
            return
        clear(page)
        reset(page)
    raise AssertionError(f"expected {start!r}, got {page.locator('#line textarea').input_value()!r}")


def drop(page, path):
    """Gives the page a file; again where the field was just being drawn anew, and the file was lost."""
    for _ in range(10):
        page.set_input_files("#file input[type=file]", path)
        with suppress(sync_api.TimeoutError):
            page.wait_for_selector("#file button[aria-label='Clear']", timeout=PATIENCE / 10)
            return
    raise AssertionError(f"{path} was not taken")


def move(page, slider, value):
    page.locator(f"#{slider} input[type=number]").fill(str(value))


def clear(page):
    page.click("#file button[aria-label='Clear']")
    says(page, INVITATION)


def shown(page):
    """Where the image with the boxes comes from; none where none is shown."""
    images = page.locator("#boxes img")
    return images.get_attribute("src") if images.count() else None


@pytest.fixture
def saved(tmp_path):
    Image.fromarray(PAGE).save(tmp_path / "page.png")
    return tmp_path / "page.png"


def test_boxes_follow_the_sliders_without_another_forward_pass(page, demo, saved):
    read(page, saved, "2 words")
    before = demo.engine.passes
    assert before > 0
    first = shown(page)
    move(page, "box_thresh", 0.9)
    says(page, "1 word;")
    assert page.locator("#typed textarea").input_value() == "models.head.box_thresh=0.9"
    page.wait_for_function(
        "first => ![undefined, first].includes(document.querySelector('#boxes img')?.src)", arg=first
    )
    move(page, "thresh", 1)
    says(page, "no words")
    assert demo.engine.passes == before


def test_only_the_slider_that_the_unclip_reads_is_shown(page, saved):
    read(page, saved, "2 words")
    assert [page.locator(f"#{name}").is_visible() for name in ("shrink_ratio", "unclip_ratio")] == [True, False]
    page.locator("#unclip").get_by_text("ratio", exact=True).click()
    page.wait_for_selector("#unclip_ratio")
    move(page, "unclip_ratio", 2)
    page.wait_for_function("document.querySelector('#typed textarea')?.value.endsWith('models.head.unclip_ratio=2')")
    assert not page.locator("#shrink_ratio").is_visible()


def test_a_file_that_is_no_image_gives_a_line_and_the_next_image_is_read(page, saved, tmp_path):
    for name, content in (("empty.jpg", b""), ("notes.txt", b"hello")):
        (tmp_path / name).write_bytes(content)
        read(page, tmp_path / name, f"{name}: expected")
        assert shown(page) is None
        clear(page)
    read(page, saved, "2 words")


def test_what_was_dropped_is_deleted_within_an_hour_and_a_minute(demo):
    frequency, age = build_page(demo.detector).delete_cache
    assert frequency + age <= 3660


def test_an_example_can_be_chosen_after_what_was_dropped_is_deleted(demo, saved):
    page = build_page(demo.detector, [saved])
    delete_files_created_by_app(page, age=None)
    (choose,) = (event.fn for event in page.fns.values() if event.api_name == "load_example")
    assert Path(choose((0, [str(saved)]))["value"]["path"]).is_file()
