"""The page in a headless Chromium: nothing goes wrong in it, and its counts are the evaluator's."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.words import ImageAnnotation, Word
from ocr.report import Report, ReportedRun
from tests.browser import PATIENCE, chromium
from tests.report.reports import run_of, write_report
from tests.small_data import block


@pytest.fixture(scope="module")
def browser():
    with chromium() as launched:
        yield launched


@pytest.fixture
def opened(browser):
    """Opens a page from disk; fails where its console has an error, or a file of it is missing."""
    complaints = []

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # a page that is loaded again drops its own requests
            complaints.append(f"{request.url}: {request.failure}")

    def start(path, fragment=""):
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", failed)
        page.goto(path.as_uri() + fragment)
        return page

    yield start
    assert complaints == []


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_report(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    return write_report(tmp_path_factory.mktemp("page"), compared=True)


def names(page):
    return page.locator(".card .name").all_text_contents()


def layers(page):
    """How many polygons of each layer the first pane shows."""
    return page.locator(".pane").first.evaluate(
        """pane => {
            const counts = {};
            for (const one of pane.querySelectorAll("polygon"))
                if (one.style.display !== "none") counts[one.dataset.layer] = (counts[one.dataset.layer] || 0) + 1;
            return counts;
        }"""
    )


def test_the_tables_say_what_the_evaluator_counted(opened, written):
    page, (run,) = opened(written[0]), written[1]
    row = page.locator("#scores tbody tr").inner_text()
    assert f"{run.scores.cleval.hmean:.4f}" in row
    assert f"{run.scores.iou.hmean:.4f}" in row
    assert f"{sum(run.errors.missed.values())} of {run.errors.words}" in row
    assert f"{sum(run.errors.false.values())} of {run.errors.detections}" in row
    for kind in {**run.errors.missed, **run.errors.false}:
        cells = page.locator(f'#kinds tr[data-kind="{kind}"] td:not(.meaning, .gain)').all_inner_texts()
        assert cells == [str(run.errors.missed.get(kind, "")), str(run.errors.false.get(kind, ""))]
    assert page.locator("figure svg text", has_text="detections with at least this score").count() == 2


def test_the_gallery_begins_with_the_worst_and_shows_the_images_of_a_kind(opened, written):
    page = opened(written[0])
    assert names(page) == [name for name, _ in written[1][0].scores.worst(3)]
    page.click('#filters [data-kind="background"]')
    assert names(page) == ["folder/background.png"]
    page.click('#filters [data-kind="split"]')  # either of them
    assert names(page) == ["folder/background.png", "merged & <split>.png"]
    assert page.inner_text("#count") == "2 of 3 images"
    page.click('#filters [data-kind="background"]')
    page.click('#filters [data-kind="split"]')
    assert page.locator('#filters [data-kind="ignored"]').is_disabled()
    page.select_option("#sort", "name")
    assert names(page)[0] == "folder/background.png"
    page.select_option("#split", "whole")
    assert names(page) == ["whole.png"]
    page.select_option("#split", "")
    page.fill("#search", "</script>3")  # a text of the labels
    assert names(page) == ["merged & <split>.png"]


def test_the_viewer_draws_each_label_and_detection_once_in_the_layer_of_its_kind(opened, written):
    page = opened(written[0])
    page.click(".card >> nth=1")
    assert layers(page) == {"merged": 3, "split": 3, "loose": 2}
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#title") == "folder/background.png"
    assert layers(page) == {"found": 1, "matched": 1, "unread": 1, "piece": 1, "background": 1}
    page.uncheck('#legend [data-key="piece"]')
    page.keyboard.press("d")
    assert layers(page) == {"found": 1, "unread": 1, "background": 1}
    assert page.locator("#errors li").count() == 2
    sizes = page.locator(".pane image").evaluate_all(
        "all => all.map(one => [one.getBBox().width, one.getBBox().height])"
    )
    assert sizes == [[300, 200], [300, 200]]  # the image, and the map of half its size


def test_keys_page_zoom_fade_and_close(opened, written):
    page = opened(written[0])
    page.click(".card >> nth=0")
    whole = page.get_attribute(".pane svg", "viewBox")
    assert whole == "0 0 300 200"
    page.keyboard.press("ArrowLeft")  # there is none before the first
    page.keyboard.press("e")
    assert page.get_attribute(".pane svg", "viewBox") != whole
    assert page.locator('#errors [aria-current="true"]').count() == 1
    page.keyboard.press("0")
    assert page.get_attribute(".pane svg", "viewBox") == whole
    page.keyboard.press("m")
    assert page.locator("image.map").evaluate("map => map.style.opacity") == "0.6"
    page.fill("#fade", "20")
    assert page.locator("image.map").evaluate("map => map.style.opacity") == "0.2"
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert page.inner_text("#place").startswith("3 of 3")
    page.keyboard.press("Escape")
    assert not page.is_visible("#viewer")


def test_the_wheel_zooms_where_the_pointer_is_and_dragging_moves(opened, written):
    page = opened(written[0], "#whole.png")
    assert page.inner_text("#title") == "whole.png"

    def frame():
        return np.array(list(map(float, page.get_attribute(".pane svg", "viewBox").split())))

    area = page.locator(".pane svg").bounding_box()
    middle = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(*middle)
    page.mouse.wheel(0, -300)
    page.wait_for_function("document.querySelector('.pane svg').getAttribute('viewBox') !== '0 0 300 200'")
    x, y, width, height = frame()
    assert width < 300
    assert (x + width / 2, y + height / 2) == pytest.approx((150, 100), abs=1)
    page.mouse.down()
    page.mouse.move(middle[0] - 50, middle[1])
    page.mouse.up()
    moved = frame()
    assert moved[0] == pytest.approx(x + 50 * width / area["width"], rel=0.05)
    assert moved[1:].tolist() == pytest.approx([y, width, height])


def test_two_runs_stand_side_by_side_and_move_together(opened, compared):
    page = opened(compared[0])
    first, second = compared[1]
    assert page.locator("#scores tbody tr").count() == 2
    page.select_option("#sort", "second better, CLEval")
    gains = {
        name: second.scores.images[name].cleval.hmean - one.cleval.hmean for name, one in first.scores.images.items()
    }
    assert names(page)[0] == max(gains, key=gains.__getitem__)
    page.click(".card >> nth=0")
    captions = page.locator(".pane figcaption").all_inner_texts()
    assert [caption.partition(":")[0] for caption in captions] == ["first", "second"]
    page.keyboard.press("+")
    boxes = page.locator(".pane svg").evaluate_all("all => all.map(one => one.getAttribute('viewBox'))")
    assert boxes[0] == boxes[1] != "0 0 300 200"
    assert page.locator("image.map").count() == 1  # the second has no maps


def write_many(folder, count):
    """A report of so many images alike, 60 words and 51 detections each; the page."""
    paper = cv2.imencode(".jpg", np.full((460, 260, 3), 230, np.uint8))[1].tobytes()
    tops, lefts = np.meshgrid(np.arange(10, 460, 30), np.arange(10, 250, 60))
    words = [np.array(block(x, y, 50, 20), np.float32) for x, y in zip(lefts.flat, tops.flat, strict=True)]
    names = [f"{number:03d}.jpg" for number in range(count)]
    annotations = {name: ImageAnnotation(name, 260, 460, tuple(map(Word, words))) for name in names}
    for name in names:
        (folder / name).write_bytes(paper)
    one = run_of("one", {names[0]: [*words[:50], words[0] + 7]}, {names[0]: annotations[names[0]]})
    found = one.detections[names[0]]._replace(scores=None)
    run = ReportedRun(
        "many",
        dict.fromkeys(names, found),
        replace(one.scores, images=dict.fromkeys(names, one.scores.images[names[0]])),
        replace(one.errors, images=dict.fromkeys(names, one.errors.images[names[0]])),
    )
    images = LabelledImages.in_folder(annotations.values(), folder)
    return Report(folder / "report").write(images, [run])


def test_500_images_open_in_two_seconds_and_load_only_what_is_seen(opened, tmp_path):
    path = write_many(tmp_path, 500)
    page = opened(path)
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable")
    page.reload()
    page.wait_for_selector(".card >> nth=499", state="attached")
    spent = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}
    assert spent["ProcessTime"] < 2  # of the processor, for both times: others may keep the machine busy meanwhile
    page.wait_for_selector(".card image[href]", state="attached")
    loaded = page.locator(".card image[href]").count()
    assert loaded < 100
    assert page.inner_text("#count") == "500 of 500 images"
    page.locator(".card >> nth=499").scroll_into_view_if_needed()
    page.wait_for_function(f"document.querySelectorAll('.card image[href]').length > {loaded}")
