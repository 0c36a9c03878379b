"""A detector behind HTTP: the bytes of an image in, its words as JSON out.

pip install -e .[serve,cpu]
python -m examples.serve --port 8000
curl --data-binary @receipt.jpg -H 'Content-Type: image/jpeg' 'localhost:8000/detect?order=reading'
"""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any

import numpy as np
import uvicorn
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from baseline_code.images.reading import (
    MAX_MEGAPIXELS,
    ImageFormatError,
    ImageReadError,
    ImageTooLargeError,
    decode_image,
)
from ocr import Detector
from ocr.detection import Words
from ocr.detection.detector import WordOrder

Load = Callable[[], Detector]
BYTES = {"schema": {"type": "string", "format": "binary"}}
IMAGE_BODY = {"required": True, "content": {"image/*": BYTES, "application/octet-stream": BYTES}}


@dataclass(frozen=True)
class Limits:
    """What a server takes on.

    Attributes:
        workers: images that are detected at a time; workers x threads of the network should not exceed the cores.
        requests: that are held at a time, those that wait for a worker among them; one more is answered with 503.
        megabytes: of a request's body, 10^6 bytes.
        megapixels: of an image, 10^6 pixels; its header is asked before anything is decoded.
        seconds: within which a body has to arrive.

    Raises:
        ValueError: if one is out of its range.
    """

    workers: int = 1
    requests: int = 16
    megabytes: float = 20
    megapixels: float = 50
    seconds: float = 30

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 < value < math.inf:  # NaN, too
                raise ValueError(f"expected 0 < {name} < infinity, got {value}")
        if self.megapixels > MAX_MEGAPIXELS:
            raise ValueError(f"expected megapixels <= {MAX_MEGAPIXELS:g}, got {self.megapixels:g}")


class Parameters(BaseModel, extra="forbid"):
    """What may stand behind `/detect?`."""

    order: WordOrder = "score"
    box_thresh: float | None = Field(None, ge=0, le=1)


class FoundWord(BaseModel):
    """A polygon as (x, y) in pixels of the image as displayed, clockwise from the top-left, and its score."""

    points: list[tuple[float, float]]
    confidence: float


class Answer(BaseModel):
    """The words of an image, and its size in pixels."""

    width: int
    height: int
    words: list[FoundWord]


class Health(BaseModel):
    """What really runs."""

    status: str
    engine: str
    device: str
    detector: str
    fingerprint: str


class Service:
    """A detector that all requests share, within limits.

    Args:
        detector: it keeps nothing of a call, so the workers use it together.
        limits: see there.
    """

    def __init__(self, detector: Detector, limits: Limits) -> None:
        self.detector = detector
        self.limits = limits
        self._places = asyncio.Semaphore(limits.requests)
        self._workers = ThreadPoolExecutor(limits.workers, thread_name_prefix="detector")

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place among the requests that are held.

        Raises:
            HTTPException: 503, if there is none.
        """
        if self._places.locked():
            reason = f"expected fewer than {self.limits.requests} requests at a time: try again in a second"
            raise HTTPException(503, reason, headers={"Retry-After": "1"})
        async with self._places:
            yield

    async def find(self, image: bytes, name: str, **settings: Any) -> Words:  # noqa: ANN401
        """The words of an image, found by one of the workers.

        Args:
            image: bytes of its file.
            name: what errors call it.
            **settings: of this call, as the detector takes them.

        Raises:
            ImageReadError: if it cannot be read or has too many pixels.
        """

        def work() -> Words:
            pixels = decode_image(image, name, max_megapixels=self.limits.megapixels)
            return self.detector(pixels, **settings)[0]

        return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    def close(self) -> None:
        """Ends the workers; what waits for them is not begun."""
        self._workers.shutdown(cancel_futures=True)


def create_app(load: Load = Detector.load, limits: Limits | None = None) -> FastAPI:
    """The server.

    Args:
        load: loads the detector when the server starts.
        limits: None: the defaults.
    """
    app = FastAPI(title="Text detection", lifespan=lifespan(load, limits or Limits()))
    app.add_exception_handler(ImageReadError, answer_image_error)
    app.add_exception_handler(RequestValidationError, answer_validation_error)

    @app.post("/detect", openapi_extra={"requestBody": IMAGE_BODY})
    async def detect(request: Request, parameters: Annotated[Parameters, Query()]) -> Answer:
        """The words of the image that is the body."""
        service: Service = request.app.state.service
        async with service.place():
            check_content_type(request)
            image = await read_body(request, service.limits)
            words = await service.find(image, "body", **parameters.model_dump(exclude_none=True))
        found = [
            FoundWord(points=np.round(word.polygon.astype(float), 2).tolist(), confidence=word.score) for word in words
        ]
        return Answer(width=int(words.width), height=int(words.height), words=found)

    @app.get("/healthz")
    async def healthz(request: Request) -> Health:
        """Answers while all places are taken, too."""
        detector: Detector = request.app.state.service.detector
        engine, metadata = detector.engine, detector.metadata
        return Health(
            status="ok",
            engine=engine.name,
            device=engine.device,
            detector=metadata.description,
            fingerprint=metadata.fingerprint,
        )

    return app


def lifespan(load: Load, limits: Limits) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Loads the detector before the first request, and finds nothing on a white page: then all of it is warm."""

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        detector = load()
        detector(np.full((64, 64, 3), 255, np.uint8))
        app.state.service = Service(detector, limits)
        yield
        app.state.service.close()

    return run


def check_content_type(request: Request) -> None:
    """Refuses bodies that say themselves that they are no image.

    Raises:
        HTTPException: 415.
    """
    stated = request.headers.get("content-type") or "application/octet-stream"
    kind = stated.partition(";")[0].strip().lower()
    if not kind.startswith("image/") and kind != "application/octet-stream":
        reason = "expected the bytes of an image as the body, with Content-Type image/… or application/octet-stream"
        raise HTTPException(415, f"{reason}, got {kind}")


async def read_body(request: Request, limits: Limits) -> bytes:
    """A request's body, of which never more than the limit is held.

    Raises:
        HTTPException: 413 if it is too long, 408 if it takes too long, 400 if it breaks off.
    """
    most, body = int(limits.megabytes * 1e6), bytearray()
    too_long = HTTPException(413, f"expected a body of at most {limits.megabytes:g} MB: scale the image down")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise too_long
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                if len(body) + len(chunk) > most:
                    raise too_long
                body += chunk
    except TimeoutError as error:
        raise HTTPException(408, f"expected the body within {limits.seconds:g} s") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "expected the whole body, the connection ended before") from error
    return bytes(body)


def answer_image_error(request: Request, error: Exception) -> JSONResponse:
    """413 for too many pixels, 415 for what is no image, 400 for a damaged one."""
    kinds: dict[type[Exception], int] = {ImageTooLargeError: 413, ImageFormatError: 415}
    return JSONResponse({"detail": str(error)}, kinds.get(type(error), 400))


def answer_validation_error(request: Request, error: Exception) -> JSONResponse:
    """400 for parameters that are unknown or out of their range."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    reasons = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}, got {one['input']!r}" for one in found]
    return JSONResponse({"detail": "; ".join(reasons)}, 400)


def argument_parser(description: str | None, port: int) -> argparse.ArgumentParser:
    """The command line of a server.

    Args:
        description: shown by `--help`.
        port: default of `--port`.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    shown = "(default: %(default)s)"
    parser.add_argument("--detector", help="as Detector.load takes it (default: the shipped one)")
    parser.add_argument("--threads", type=int, help="of the network (default: the engine's choice)")
    parser.add_argument("--workers", type=int, default=Limits.workers, help=f"images at a time {shown}")
    parser.add_argument("--requests", type=int, default=Limits.requests, help=f"held at a time, then 503 {shown}")
    parser.add_argument("--megabytes", type=float, default=Limits.megabytes, help=f"of a body, then 413 {shown}")
    parser.add_argument("--megapixels", type=float, default=Limits.megapixels, help=f"of an image, then 413 {shown}")
    parser.add_argument("--seconds", type=float, default=Limits.seconds, help=f"for a body, then 408 {shown}")
    parser.add_argument("--host", default="127.0.0.1", help=f"0.0.0.0 is reached from other machines {shown}")
    parser.add_argument("--port", type=int, default=port, help=shown)
    return parser


def parse_service(parser: argparse.ArgumentParser, options: argparse.Namespace) -> tuple[Load, Limits]:
    """What gives the detector, and the limits, of a command line; it ends with the reason where either fails.

    The detector is loaded here: an error within the server would be a traceback in its log.
    """
    try:
        limits = Limits(**{field.name: getattr(options, field.name) for field in fields(Limits)})
    except ValueError as error:
        parser.error(str(error))
    try:
        detector = Detector.load(options.detector, threads=options.threads)
    except (OSError, ValueError) as error:
        parser.exit(1, f"{error}\n")
    return lambda: detector, limits


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is stopped."""
    parser = argument_parser(__doc__, 8000)
    options = parser.parse_args(arguments)
    uvicorn.run(create_app(*parse_service(parser, options)), host=options.host, port=options.port)


if __name__ == "__main__":
    main()
