"""A Label Studio backend: the words of each task as polygons, for a person to correct.

pip install -e .[serve,cpu]
python -m examples.label_studio --label-studio http://localhost:8080 --port 9090   # LABEL_STUDIO_API_KEY is read
Then in Label Studio: project, Settings, Model, Connect Model, http://localhost:9090
"""

from __future__ import annotations

import asyncio
import http.client
import logging
import os
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple, Self
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from xml.etree import ElementTree

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, ValidationError

from examples.serve import Limits, Load, Service, argument_parser, lifespan, parse_service, read_body
from ocr import Detector
from ocr.detection import Word, Words

LOCAL_FILES = "/data/local-files/?d="
SAFE = "/%:@!$&'()*+,;=?~"
"""What stays in a path and a query: their own signs, and the sign of what is quoted already."""
PIECE = 1 << 16  # bytes
SCHEMES = ("http://", "https://")
DIGITS = 4  # of per cent: a thousandth of a pixel on an image of 1,000

log = logging.getLogger("uvicorn.error")


class Task(BaseModel):
    """What is to be labelled."""

    id: int | None = None
    data: dict[str, Any]


class Tasks(BaseModel):
    """What Label Studio asks for; it sends more, which is not needed."""

    tasks: list[Task]
    label_config: str


class Controls(NamedTuple):
    """What a project draws polygons with."""

    kinds: Mapping[str, str]  # of the regions, by the name of the control that they come from
    labels: Sequence[str]  # that a region has: the first one of the project
    image: str  # name of the object
    key: str  # of a task's data

    @classmethod
    def of(cls, config: str) -> Self:
        """Those of a project's labelling configuration.

        Raises:
            ValueError: if it has none for polygons on an image.
        """
        try:
            tags = list(ElementTree.fromstring(config).iter())
        except ElementTree.ParseError as error:
            raise ValueError(f"expected a labelling configuration in XML, got one with {error}") from error
        images = {tag.get("name"): tag.get("value", "") for tag in tags if tag.tag == "Image"}
        found = [tag for tag in tags if tag.get("toName") in images and tag.get("name")]
        of_kind = {tag.tag: tag for tag in reversed(found)}  # the first of each
        polygons = of_kind.get("PolygonLabels", of_kind.get("Polygon"))
        if polygons is None:
            seen = ", ".join(tag.tag for tag in found) or "no control of an Image"
            raise ValueError(f"expected PolygonLabels or Polygon in the labelling configuration, got {seen}")
        controls = {polygons.tag.lower(): polygons}
        if polygons.tag == "Polygon" and "Labels" in of_kind:
            controls["labels"] = of_kind["Labels"]
        labels = [label.get("value", "") for control in controls.values() for label in control.iter("Label")]
        image = polygons.get("toName", "")
        kinds = {control.get("name", ""): kind for kind, control in controls.items()}
        return cls(kinds, labels[:1], image, images[image].removeprefix("$"))


@dataclass(frozen=True)
class ImageSource:
    """Where the images of tasks are.

    Args:
        url: of Label Studio, for what people uploaded.
        key: the access token of a user of it (a legacy one); it is sent to `url` only.
        folder: Label Studio's root of local files.
        megabytes: an image may have.
        seconds: an answer may take.
    """

    url: str = "http://localhost:8080"
    key: str = ""
    folder: Path | None = None
    megabytes: float = Limits.megabytes
    seconds: float = Limits.seconds

    def read(self, address: str) -> bytes:
        """The bytes of the file at an address in a task's data.

        Raises:
            ValueError: if there is none, or it is too large.
            OSError: if it cannot be reached or read.
        """
        if address.startswith(LOCAL_FILES) and self.folder is not None:
            content = self._open_local(self.folder.resolve(), unquote(address.removeprefix(LOCAL_FILES)))
        else:
            content = self._fetch(address)
        if len(content) > self._most:
            raise ValueError(f"expected an image of at most {self.megabytes:g} MB")
        return content

    @property
    def _most(self) -> int:
        return int(self.megabytes * 1e6)

    def _open_local(self, root: Path, name: str) -> bytes:
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            raise ValueError(f"expected a file below {root}, got {name}")
        with path.open("rb") as file:
            return file.read(self._most + 1)

    def _fetch(self, address: str) -> bytes:
        home = self.url.rstrip("/") + "/"
        url = home + address.lstrip("/") if address.startswith("/") else address
        if not url.startswith(SCHEMES):
            raise ValueError(f"expected an address with http:// or https://, or a path in Label Studio, got {address}")
        request = urllib.request.Request(quoted(url))
        if url.startswith(home) and self.key:  # never to where an answer leads on
            request.add_unredirected_header("Authorization", f"Token {self.key}")
        try:
            with urllib.request.urlopen(request, timeout=self.seconds) as response:
                return self._read_answer(response)
        except http.client.HTTPException as error:  # neither an OSError nor a ValueError
            raise ValueError(f"expected an image at {address}, got {type(error).__name__}: {error}") from error

    def _read_answer(self, response: http.client.HTTPResponse) -> bytes:
        """Its bytes, no more than a piece too many; the timeout of the connection is for each piece alone."""
        content, end = bytearray(), time.monotonic() + self.seconds
        while len(content) <= self._most and (piece := response.read1(PIECE)):
            if time.monotonic() > end:
                raise TimeoutError(f"expected an image within {self.seconds:g} s")
            content += piece
        return bytes(content)


def quoted(url: str) -> str:
    """An address as it is sent: blanks and letters beyond ASCII in its path and query quoted, what is quoted stays.

    Raises:
        ValueError: if it cannot be taken apart.
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=quote(parts.path, SAFE), query=quote(parts.query, SAFE)))


def create_app(load: Load = Detector.load, limits: Limits | None = None, images: ImageSource | None = None) -> FastAPI:
    """The backend.

    Args:
        load: loads the detector when the server starts.
        limits: None: the defaults.
        images: None: a Label Studio on this machine.
    """
    source = images or ImageSource()
    app = FastAPI(title="Text detection for Label Studio", lifespan=lifespan(load, limits or Limits()))

    @app.post("/predict")
    async def predict(request: Request) -> dict[str, Any]:
        """One prediction for each task, in their order; an empty one where nothing is found."""
        service: Service = request.app.state.service
        version = model_version(service.detector)
        async with service.place():
            body = await read_body(request, service.limits)
            try:
                asked = Tasks.model_validate_json(body)
                controls = Controls.of(asked.label_config)
            except ValidationError as error:
                raise HTTPException(400, f"expected tasks of Label Studio, got {error.errors()[0]['msg']}") from error
            except ValueError as error:
                raise HTTPException(400, str(error)) from error
            results, failed = [], []
            for task in asked.tasks:
                try:
                    words = await find_words(task, controls, source, service)
                except (OSError, ValueError) as error:
                    log.warning("task %s: %s", task.id, error)
                    failed.append(f"task {task.id}: {error}")
                    words = Words()
                results.append(prediction(words, controls) | {"model_version": version})
        if asked.tasks and len(failed) == len(asked.tasks):
            raise HTTPException(400, f"expected images, none can be read: {failed[0]}")
        return {"results": results, "model_version": version}

    @app.post("/setup")
    async def setup(request: Request) -> dict[str, str]:
        """Label Studio asks this when a project is connected."""
        return {"model_version": model_version(request.app.state.service.detector)}

    @app.get("/")
    @app.get("/health")
    async def health(request: Request) -> dict[str, str]:
        """Answers as Label Studio expects it, with the engine that really runs."""
        engine = request.app.state.service.detector.engine
        return {"status": "UP", "model_class": "Detector", "engine": engine.name, "device": engine.device}

    return app


async def find_words(task: Task, controls: Controls, source: ImageSource, service: Service) -> Words:
    """The words of a task's image.

    Raises:
        ValueError, OSError: if the task has none, or it cannot be read.
    """
    address = task.data.get(controls.key)
    if not isinstance(address, str):
        raise ValueError(f"expected the address of an image in data.{controls.key}, got {address!r}")
    content = await asyncio.to_thread(source.read, address)
    return await service.find(content, address, order="reading")


def prediction(words: Words, controls: Controls) -> dict[str, Any]:
    """The words of an image as Label Studio's regions, in per cent of the image, and their mean score; 0 for none."""
    size = {"original_width": int(words.width), "original_height": int(words.height), "image_rotation": 0}
    result = [
        size | region for number, word in enumerate(words.percent()) for region in regions(word, number, controls)
    ]
    return {"result": result, "score": fmean(word.score for word in words) if words else 0.0}


def regions(word: Word, number: int, controls: Controls) -> Iterator[dict[str, Any]]:
    """The polygon of a word, and its label with the same id where another control has the labels."""
    points = [[round(float(x), DIGITS), round(float(y), DIGITS)] for x, y in word.polygon]
    for name, kind in controls.kinds.items():
        labels = {} if kind == "polygon" else {kind: controls.labels}
        yield {
            "id": f"word_{number}",
            "type": kind,
            "from_name": name,
            "to_name": controls.image,
            "score": word.score,
            "value": {"points": points, "closed": True, **labels},
        }


def model_version(detector: Detector) -> str:
    """What tells predictions of one detector from those of another."""
    metadata = detector.metadata
    return f"{metadata.description or 'dbnet'} {metadata.fingerprint[:8]}".strip()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is stopped."""
    parser = argument_parser(__doc__, 9090)
    parser.add_argument("--label-studio", default=ImageSource.url, help="its address (default: %(default)s)")
    parser.add_argument("--images", type=Path, help="its root of local files, where tasks have /data/local-files/?d=…")
    options = parser.parse_args(arguments)
    if not options.label_studio.startswith(SCHEMES):
        parser.error(f"expected --label-studio with http:// or https://, got {options.label_studio}")
    load, limits = parse_service(parser, options)
    key = os.environ.get("LABEL_STUDIO_API_KEY", "").strip()  # files of secrets often end in a line break
    images = ImageSource(options.label_studio, key, options.images, limits.megabytes, limits.seconds)
    uvicorn.run(create_app(load, limits, images), host=options.host, port=options.port)


if __name__ == "__main__":
    main()
