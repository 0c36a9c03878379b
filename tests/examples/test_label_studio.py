"""The Label Studio backend: one prediction for each task, in per cent of the image, which is read back as labels."""

import json
import re
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="fastapi is not installed: pip install -e .[serve]")
pytest.importorskip("uvicorn", reason="uvicorn is not installed: pip install -e .[serve]")

from fastapi.testclient import TestClient

from examples import label_studio
from examples.label_studio import Controls, ImageSource, create_app
from examples.serve import Limits
from ocr import Detector
from ocr.annotations.conversion import read_labels
from tests.detection.dark import dark_detector, page
from tests.examples.served import png

CONFIG = """<View><Image name="image" value="$picture"/><PolygonLabels name="polygon" toName="image">
<Label value="text"/><Label value="Ignore"/></PolygonLabels></View>"""
SEPARATE = """<View><Image name="image" value="$picture"/><Labels name="label" toName="image"><Label value="Text"/>
</Labels><Rectangle name="box" toName="image"/><Polygon name="poly" toName="image"/></View>"""
PAGE = page((8, 40, 40, 52, 0), (10, 8, 30, 20, 51))  # 64 px wide and high; in reading order the second comes first


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "root").mkdir()
    for name, pixels in {"words.png": PAGE, "blank 1.png": page()}.items():
        (tmp_path / "root" / name).write_bytes(png(pixels))
    (tmp_path / "secret.png").write_bytes(png(PAGE))
    return tmp_path / "root"


@pytest.fixture
def client(folder):
    images = ImageSource(url="http://127.0.0.1:9", folder=folder, megabytes=0.05)
    with TestClient(create_app(dark_detector, Limits(), images)) as client:
        yield client


def ask(client, *addresses, config=CONFIG):
    tasks = [{"id": number, "data": {"picture": address}} for number, address in enumerate(addresses, start=1)]
    asked = {"tasks": tasks, "label_config": config, "project": "1.2", "params": {"login": None}}
    return client.post("/predict", json=asked)


def local(name):
    return f"/data/local-files/?d={name}"


def test_each_task_gets_one_prediction_in_its_place_also_where_nothing_is_found_or_read(client, caplog):
    answer = ask(client, local("blank%201.png"), local("words.png"), local("none.png"), local("words.png")).json()
    assert [len(one["result"]) for one in answer["results"]] == [0, 2, 0, 2]
    assert [one["score"] for one in answer["results"]] == pytest.approx([0, 0.9, 0, 0.9], abs=1e-4)
    assert {one["model_version"] for one in answer["results"]} == {answer["model_version"]} == {"dbnet"}
    assert "task 3: [Errno 2] No such file" in caplog.text


def test_points_are_in_per_cent_of_the_image(client):
    """Word (10, 8) to (30, 20) of 64 px: 15.625 to 46.875 %, 12.5 to 31.25 %."""
    (found,) = ask(client, local("words.png")).json()["results"]
    first = found["result"][0]
    points = np.array(first["value"]["points"])
    np.testing.assert_allclose((points.min(axis=0), points.max(axis=0)), [(15.625, 12.5), (46.875, 31.25)], atol=1e-3)
    assert first["value"]["polygonlabels"] == ["text"]
    assert (first["type"], first["from_name"], first["to_name"]) == ("polygonlabels", "polygon", "image")
    assert (first["original_width"], first["original_height"], first["image_rotation"]) == (64, 64, 0)
    assert first["score"] == pytest.approx(0.8, abs=1e-4)
    assert len({region["id"] for region in found["result"]}) == 2


def test_a_label_of_another_control_has_the_id_of_its_polygon(client):
    (found,) = ask(client, local("words.png"), config=SEPARATE).json()["results"]
    polygon, label = found["result"][:2]
    assert (polygon["type"], polygon["from_name"], label["type"], label["from_name"]) == (
        *("polygon", "poly"),
        *("labels", "label"),
    )
    assert polygon["id"] == label["id"]
    assert label["value"]["labels"] == ["Text"]
    assert "labels" not in polygon["value"]


@pytest.mark.parametrize("config", [CONFIG, SEPARATE])
def test_what_a_person_accepts_is_read_back_as_labels(client, folder, tmp_path, config):
    (found,) = ask(client, local("words.png"), config=config).json()["results"]
    task = {"id": 1, "data": {"picture": local("words.png")}, "annotations": [{"id": 1, "result": found["result"]}]}
    (tmp_path / "export.json").write_text(json.dumps([task]))
    (labelled,) = read_labels(tmp_path / "export.json", folder)
    boxes = [[*one.min(axis=0), *one.max(axis=0)] for one in labelled.annotation.polygons]
    np.testing.assert_allclose(boxes, [(10, 8, 30, 20), (8, 40, 40, 52)], atol=0.01)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (local("none.png"), "expected images, none can be read: task 1: .*No such file"),
        (local("../secret.png"), r"expected a file below .*root, got \.\./secret\.png"),
        (local("/etc/hostname"), "expected a file below .*root, got /etc/hostname"),
        ("s3://bucket/a.png", "expected an address with http:// or https://.*, got s3://bucket/a.png"),
        ("file:///etc/hostname", "expected an address with http:// or https://"),
        ("/data/upload/1/a.png", "Connection refused"),
        (None, r"expected the address of an image in data\.picture, got None"),
    ],
)
def test_where_no_image_of_a_request_can_be_read_the_reason_is_the_answer(client, address, reason):
    response = ask(client, address)
    assert response.status_code == 400
    assert re.search(reason, response.json()["detail"])


@contextmanager
def answering(answer):
    """A server on loopback that answers by `answer(handler)`; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def asked():
    """Answers with an image, `/bad` with no HTTP, `/slow` in 5 s; keeps the paths that it was asked for."""
    paths = []

    def answer(handler):
        paths.append(handler.path)
        if handler.path == "/bad":
            handler.wfile.write(b"nonsense\r\n\r\n")
            return
        handler.send_response(200)
        handler.end_headers()
        with suppress(ConnectionError):
            for _ in range(100 if handler.path == "/slow" else 0):
                handler.wfile.write(b"x")
                time.sleep(0.05)
            handler.wfile.write(png(PAGE))

    with answering(answer) as url:
        yield url, paths


def test_blanks_and_other_letters_of_an_address_are_quoted_and_what_is_quoted_stays(client, asked):
    url, paths = asked
    addresses = [f"{url}/my page.png", f"{url}/영수증.png?name=a b&size=1", f"{url}/my%20page.png?a=%2F"]
    answer = ask(client, *addresses).json()
    assert [len(one["result"]) for one in answer["results"]] == [2, 2, 2]
    korean = "%EC%98%81%EC%88%98%EC%A6%9D"
    assert paths == ["/my%20page.png", f"/{korean}.png?name=a%20b&size=1", "/my%20page.png?a=%2F"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [("http://127.0.0.1:port/a.png", "InvalidURL: nonnumeric port: 'port'"), ("{url}/bad", "BadStatusLine: nonsense")],
)
def test_an_address_that_speaks_no_http_spoils_only_its_own_task(client, asked, caplog, address, reason):
    address = address.format(url=asked[0])
    answer = ask(client, local("words.png"), address).json()
    assert [len(one["result"]) for one in answer["results"]] == [2, 0]
    assert f"task 2: expected an image at {address}, got {reason}" in caplog.text


def test_an_image_that_comes_too_slowly_is_not_waited_for(asked):
    with pytest.raises(TimeoutError, match=r"^expected an image within 0\.3 s$"):
        ImageSource(seconds=0.3).read(f"{asked[0]}/slow")


def test_no_image_that_is_too_large_is_kept(client, folder):
    (folder / "large.png").write_bytes(bytes(60_000))
    assert ask(client, local("large.png")).json()["detail"].endswith("expected an image of at most 0.05 MB")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (
            CONFIG.replace("PolygonLabels", "RectangleLabels"),
            "expected PolygonLabels or Polygon .*, got RectangleLabels",
        ),
        ("<View><Text name='a' value='$b'/></View>", "got no control of an Image"),
        ("<View>", "expected a labelling configuration in XML, got one with no element found"),
    ],
)
def test_a_project_without_polygons_is_told_so(client, config, reason):
    response = ask(client, local("words.png"), config=config)
    assert response.status_code == 400
    assert re.search(reason, response.json()["detail"])


def test_what_is_no_request_of_label_studio_is_told_so(client):
    assert (
        client.post("/predict", content=b"{}").json()["detail"] == "expected tasks of Label Studio, got Field required"
    )


def test_label_studio_is_told_that_the_backend_is_up(client):
    assert client.get("/health").json() == {
        "status": "UP",
        "model_class": "Detector",
        "engine": "dark",
        "device": "cpu",
    }
    assert client.post("/setup", json={"project": "1.2", "schema": CONFIG}).json() == {"model_version": "dbnet"}


def test_uploads_are_fetched_with_the_token_which_goes_nowhere_else():
    """Label Studio's answer leads on to a storage, another server: there the token is not sent."""
    heard = {}

    def storage(handler):
        heard["storage"] = handler.path, handler.headers["Authorization"]
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"image")

    def studio(handler):
        heard["studio"] = handler.path, handler.headers["Authorization"]
        handler.send_response(302)
        handler.send_header("Location", f"{elsewhere}/a.png")
        handler.end_headers()

    with answering(storage) as elsewhere, answering(studio) as url:
        source = ImageSource(url=url, key="secret")
        for address in ("/data/upload/1/a.png", f"{url}/data/upload/1/a.png"):
            assert source.read(address) == b"image"
            assert heard == {"studio": ("/data/upload/1/a.png", "Token secret"), "storage": ("/a.png", None)}
        assert source.read(f"{elsewhere}/b.png") == b"image"
        assert heard["storage"] == ("/b.png", None)


def test_the_first_control_of_a_kind_is_taken():
    twice = CONFIG.replace(
        "</View>", '<PolygonLabels name="second" toName="image"><Label value="b"/></PolygonLabels></View>'
    )
    assert Controls.of(twice) == Controls({"polygon": "polygonlabels"}, ["text"], "image", "picture")


def test_the_line_break_behind_a_token_is_not_part_of_it(monkeypatch):
    """Otherwise the error about the header would give the token to whoever asks."""
    sources = []
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret\n")
    monkeypatch.setattr(Detector, "load", lambda *_, **__: dark_detector())
    monkeypatch.setattr(label_studio, "create_app", lambda load, limits, images: sources.append(images))
    monkeypatch.setattr(label_studio.uvicorn, "run", lambda *_, **__: None)
    label_studio.main([])
    assert [source.key for source in sources] == ["secret"]


def test_an_address_of_label_studio_without_its_scheme_ends_the_command(capsys):
    with pytest.raises(SystemExit) as ended:
        label_studio.main(["--label-studio=localhost:8080"])
    assert ended.value.code == 2
    assert "expected --label-studio with http:// or https://, got localhost:8080" in capsys.readouterr().err
