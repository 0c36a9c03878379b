"""The served example: the detector's words whatever the load, and a reason for everything that is refused."""

import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="fastapi is not installed: pip install -e .[serve]")
pytest.importorskip("uvicorn", reason="uvicorn is not installed: pip install -e .[serve]")
pytest.importorskip("httpx2", reason="httpx2 is not installed: pip install httpx2")

from fastapi.testclient import TestClient

from examples import label_studio, serve
from examples.serve import Limits, create_app, main
from ocr import Detector
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading
from tests.commands import ROOT
from tests.detection.dark import DarkEngine, dark_detector, page
from tests.examples.served import ask, boxes_of, numbered_page, png, process, resident_mb, serving
from tests.export.red import RED, RedNetwork, parity_check

PNG = {"Content-Type": "image/png"}
READING = {"img_size": 256}
PAGE = png(page((8, 40, 40, 52, 0), (10, 8, 30, 20, 51)))  # with a darkness of 1 and of 0.8


@pytest.fixture
def client():
    limits = Limits(requests=2, megabytes=0.05, megapixels=0.1, seconds=1)
    with TestClient(create_app(dark_detector, limits)) as client:
        yield client


def check_answers(address, numbers, ink=(0, 0, 0)):
    """Asks for pages from eight clients at a time; each must get the words of its own page."""

    def check(number):
        image, boxes = numbered_page(number, ink)
        status, answer = ask(address, image, order="reading")
        assert status == 200, answer
        found = boxes_of(answer)
        assert len(found) == len(boxes), number
        np.testing.assert_allclose(found, boxes, atol=2)

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(check, numbers))


def test_the_answer_has_the_words_in_pixels_and_the_size(client):
    answer = client.post("/detect", content=PAGE, headers=PNG).json()
    assert (answer["width"], answer["height"]) == (64, 64)
    assert boxes_of(answer) == [(8, 40, 40, 52), (10, 8, 30, 20)]
    assert [word["confidence"] for word in answer["words"]] == pytest.approx([1.0, 0.8], abs=1e-4)
    ordered = client.post("/detect?order=reading&box_thresh=0.9", content=PAGE, headers=PNG).json()
    assert boxes_of(ordered) == [(8, 40, 40, 52)]
    reading = client.post("/detect?order=reading", content=PAGE, headers={"Content-Type": ""}).json()
    assert boxes_of(reading) == [(10, 8, 30, 20), (8, 40, 40, 52)]
    assert client.post("/detect", content=png(page()), headers=PNG).json()["words"] == []


def test_its_description_for_programs_says_what_the_body_is(client):
    described = client.get("/openapi.json").json()["paths"]["/detect"]["post"]
    assert "image/*" in described["requestBody"]["content"]
    assert [parameter["name"] for parameter in described["parameters"]] == ["order", "box_thresh"]


def test_its_health_names_the_engine_that_really_runs(client):
    answer = client.get("/healthz").json()
    assert (answer["status"], answer["engine"], answer["device"]) == ("ok", "dark", "cpu")


@pytest.mark.parametrize(
    ("content", "headers", "query", "status", "reason"),
    [
        (PAGE, {"Content-Type": "text/html; charset=utf-8"}, "", 415, "with Content-Type image/… .*, got text/html"),
        (PAGE, {"Content-Type": "multipart/form-data; boundary=x"}, "", 415, "got multipart/form-data"),
        (b"no image", PNG, "", 415, "body: expected a JPEG, .*, got a file that begins with b'no image'"),
        (b"%PDF-1.7 ", PNG, "", 415, "a PDF is no image: save its pages as images"),
        (b"", PNG, "", 400, "got an empty file"),
        (PAGE[:-40], PNG, "", 400, "expected a whole PNG image, got one cut short or damaged"),
        (png(page(size=(400, 300))), PNG, "", 413, r"expected at most 0\.1 megapixels, got 400 x 300 = 0\.1"),
        (bytes(60_000), PNG, "", 413, r"expected a body of at most 0\.05 MB"),
        (PAGE, PNG, "?box_tresh=0.5", 400, "box_tresh: Extra inputs are not permitted, got '0.5'"),
        (PAGE, PNG, "?order=columns", 400, "order: Input should be 'score' or 'reading', got 'columns'"),
        (PAGE, PNG, "?box_thresh=2", 400, "box_thresh: Input should be less than or equal to 1, got '2'"),
    ],
)
def test_what_is_refused_gets_its_reason(client, content, headers, query, status, reason):
    response = client.post(f"/detect{query}", content=content, headers=headers)
    assert response.status_code == status
    assert re.search(reason, response.json()["detail"])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--workers=0"], "expected 0 < workers < infinity, got 0"),
        (["--seconds=-1"], "expected 0 < seconds < infinity, got -1"),
        (["--megabytes=inf"], "expected 0 < megabytes < infinity, got inf"),
        (["--megapixels=nan"], "expected 0 < megapixels < infinity, got nan"),
        (["--megapixels=200"], "expected megapixels <= 178, got 200"),
    ],
)
def test_limits_out_of_their_range_end_the_command(arguments, reason, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("example", [serve, label_studio], ids=["serve", "label_studio"])
@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("--detector=no/such.onnx", "expected a detector at no/such.onnx, found no file there"),
        ("--threads=0", "expected threads >= 1, got 0"),
    ],
)
def test_a_detector_that_cannot_be_loaded_ends_the_command_in_one_line(example, argument, reason, capsys):
    with pytest.raises(SystemExit) as ended:
        example.main([argument])
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines() == [reason]


@pytest.mark.parametrize("example", ["serve", "label_studio"])
def test_without_its_extra_an_example_says_how_to_install_it(example):
    module = f"runpy.run_module('examples.{example}', run_name='__main__')"
    program = f"import runpy, sys; sys.modules['uvicorn'] = None; {module}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "expected the packages of the examples, not installed: uvicorn; pip install -e '.[serve,cpu]'\n"
    )


def test_a_body_that_does_not_say_how_long_it_is_is_limited_too(client):
    response = client.post("/detect", content=iter([bytes(30_000)] * 3), headers=PNG)
    assert "content-length" not in response.request.headers
    assert response.status_code == 413


class HeldEngine(DarkEngine):
    """Waits from its second call on (the first is the server's own) until it is let go."""

    def __init__(self):
        self.calls, self.entered, self.free = 0, threading.Semaphore(0), threading.Event()

    def __call__(self, images):
        self.calls += 1
        if self.calls > 1:
            self.entered.release()
            assert self.free.wait(60)
        return super().__call__(images)


def test_one_request_too_many_is_told_to_come_again_while_the_health_is_answered():
    """One worker; two requests are held, so the second waits and the third is refused."""
    engine = HeldEngine()
    detector = Detector(engine, Metadata(dark_detector().metadata.reading))
    with TestClient(create_app(lambda: detector, Limits(requests=2))) as client, ThreadPoolExecutor(2) as clients:
        held = [clients.submit(client.post, "/detect", content=PAGE, headers=PNG) for _ in range(2)]
        assert engine.entered.acquire(timeout=60)
        while not client.app.state.service._places.locked():
            pass
        refused = client.post("/detect", content=PAGE, headers=PNG)
        assert client.get("/healthz").status_code == 200
        engine.free.set()
        assert [len(one.result().json()["words"]) for one in held] == [2, 2]
        assert client.post("/detect", content=PAGE, headers=PNG).status_code == 200
    assert refused.status_code == 503
    assert refused.json()["detail"] == "expected fewer than 2 requests at a time: try again in a second"
    assert refused.headers["retry-after"] == "1"


def test_a_client_that_sends_too_much_hears_it_and_one_that_sends_too_slowly_too():
    """On loopback: the answer comes while the client is still sending."""
    limits = Limits(megabytes=0.1, seconds=0.3)
    with serving(create_app(dark_detector, limits)) as address:
        assert ask(address, bytes(20_000_000)) == (
            413,
            {"detail": "expected a body of at most 0.1 MB: scale the image down"},
        )

        def slowly():
            for _ in range(4):
                yield bytes(10)
                threading.Event().wait(0.2)

        assert ask(address, slowly()) == (408, {"detail": "expected the body within 0.3 s"})


def test_80_requests_from_eight_clients_get_their_own_words():
    with serving(create_app(lambda: dark_detector(**READING), Limits(workers=2))) as address:
        check_answers(address, range(80))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from Linux's /proc")
def test_1000_requests_from_eight_clients_get_their_own_words_and_the_memory_stays_level(red_file):
    """A process of its own with onnxruntime; what it has grown to after 300 requests it does not exceed by 5 %."""
    with process(f"--detector={red_file}", "--threads=1", "--workers=2") as (address, pid):
        check_answers(address, range(300), RED)
        level = resident_mb(pid)
        check_answers(address, range(300, 1000), RED)
        assert resident_mb(pid) < 1.05 * level


@pytest.fixture(scope="module")
def red_file(tmp_path_factory):
    """An exported network that takes red for text."""
    pytest.importorskip("onnxruntime")
    from ocr.export.formats import export

    folder, network = tmp_path_factory.mktemp("red"), RedNetwork().eval()
    reading = READING | {"shrink_ratio": 1.0, "padding": "multiple"}
    metadata = Metadata(Reading.of(reading), description="red")
    files, parity = export("own", network, metadata, folder, parity_check(network))
    assert files, parity
    return files[0]
