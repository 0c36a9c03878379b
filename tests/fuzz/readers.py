"""The readers of files that people, programs and other machines write, each with valid files to start from."""

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from random import Random
from typing import NamedTuple

import numpy as np
import torch
from omegaconf import OmegaConf
from PIL import Image
from safetensors.torch import save_file

from baseline_code.datasets.archive import ZipSource
from baseline_code.datasets.leaks import find_duplicates
from baseline_code.datasets.medmnist import NpzSource
from baseline_code.datasets.source import SourceError
from baseline_code.datasets.table import CsvSource
from baseline_code.files.claims import Manifest
from baseline_code.files.json_file import is_number
from baseline_code.images.reading import ImageReadError, read_image
from baseline_code.training.checkpoint_io import save_sealed
from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.reading import read_weights
from baseline_code.weights.shipped import MANIFEST, read_shipped, ship
from ocr.annotations.conversion import read_labels, write_labels
from ocr.annotations.faults import AnnotationError
from ocr.annotations.fold_split import (
    Fold,
    FoldSplit,
    FoldSplitError,
    FoldStatistics,
    read_fold_split,
    write_fold_split,
)
from ocr.annotations.formats.interface import LabelledImage, LabelSettings
from ocr.annotations.formats.recognition import FORMATS
from ocr.annotations.reading import read_annotations
from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation, Word
from ocr.calibration import Calibration, CalibrationError, read_calibration, write_calibration
from ocr.cross_validation.run import read_finished
from ocr.experiments.charts import compare_runs, read_curves
from ocr.experiments.ledger import LEDGER, scored_on_both, sort_ledger
from ocr.experiments.log import LOG, ranked
from ocr.experiments.provenance import Provenance, Source, read_provenance, write_provenance
from ocr.experiments.table import number_in, read_rows
from ocr.geometry import scaling
from ocr.metrics import Ratios
from ocr.probability_maps import CacheError, MapCache, MapCacheWriter
from ocr.probability_maps.image_map import ImageMap
from ocr.statistics import PairedGain
from ocr.submission import SubmissionError, read_predictions
from ocr.submission.prediction_folder import PROVENANCE
from ocr.visualization.record_tables import print_experiments, print_ledger
from runners.cli.settings import REBUILT, plain
from runners.wiring.checkpoints import CheckpointError, Overrides, merge_settings, read_checkpoint
from runners.wiring.parts import compose_defaults
from runners.wiring.trained import check_weights
from tests.baseline_code.datasets.small_images import encode
from tests.fuzz.mutations import (
    Mutate,
    mutate_archive,
    mutate_bytes,
    mutate_document,
    mutate_image,
    mutate_json,
    mutate_safetensors,
    mutate_table,
)
from tests.visualization.printing import printed

LARGEST = 1e7
"""No coordinate and no side of an image is as large, px."""


class Reader(NamedTuple):
    """One kind of file.

    Attributes:
        write: writes valid files into a folder; returns those that are mutated, one at a time.
        mutate: makes another content of a valid one.
        read: reads the mutated file, as far as its users do.
        refusals: the errors that it may raise, with the file's name in the message.
        faults: what is nonsense in the things read, in words.
        follow: brings the hashes that other files hold of the mutated one up to date.
        slowness: of so many inputs of the short campaign this reader gets one.
    """

    write: Callable[[Path], list[Path]]
    mutate: Mutate
    read: Callable[[Path], object]
    refusals: tuple[type[Exception], ...]
    faults: Callable[[object], Iterable[str]] = lambda _: ()
    follow: Callable[[Random, Path], None] = lambda _, __: None
    slowness: int = 1


def _bad_numbers(values: object, limit: float, what: str) -> list[str]:
    array = np.asarray(values, dtype=np.float64)
    return [] if (np.abs(array) <= limit).all() else [f"{what} of {array.ravel()[:4]}"]  # a NaN is no smaller


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _faults_of_words(images: object) -> Iterable[str]:
    """Of annotations or predictions."""
    for name, image in images.items():
        yield from _bad_numbers(image.size or (), LARGEST, "a size")
        yield from [] if _is_inside(name) else [f"the name {name!r}"]
        for polygon in image.polygons:
            yield from _bad_numbers(polygon, LARGEST, "a point")
            yield from [] if polygon.ndim == 2 and polygon.shape[1] == 2 else [f"a polygon of {polygon.shape}"]
        if image.scores is not None:
            yield from _bad_numbers(np.subtract(image.scores, 0.5), 0.5, "a score - 0.5")


def _write_labels(folder: Path) -> Path:
    points = [[1, 2], [30, 2], [30, 12], [1, 12]]
    words = {"1": {"points": points, "transcription": "a", "illegibility": False, "confidence": 0.5}}
    (folder / "file.json").write_text(json.dumps({"images": {"a.jpg": {"img_w": 90, "img_h": 60, "words": words}}}))
    return folder / "file.json"


def _write_foreign(*suffixes: str) -> Callable[[Path], list[Path]]:
    """Labels of other tools in a folder each, those in files of these endings."""

    def write(folder: Path) -> list[Path]:
        (folder / "images").mkdir()
        Image.new("L", (90, 60)).save(folder / "images/a.png")
        polygon = np.array([[1, 2], [30, 2], [30, 12], [1, 12]], np.float32)
        words = (Word(polygon, text="a"), Word(polygon + 20, ignore=True, text="###"))
        image = LabelledImage(ImageAnnotation("a.png", 90, 60, words), folder / "images")
        for name in FORMATS:
            write_labels(folder / name, {"train": [image]}, name, LabelSettings(), "link")
        paths = [path for path in sorted(folder.rglob("*")) if path.suffix in suffixes]
        return [path for path in paths if path.name not in ("labeling_config.xml", "data.yaml")]

    return write


def _read_foreign(path: Path) -> dict[str, ImageAnnotation]:
    folder = next(parent for parent in path.parents if parent.name in FORMATS)
    images = read_labels(path, folder.parent / "images", folder.name)
    return {image.annotation.filename: image.annotation for image in images}


def _write_a_calibration(folder: Path) -> Path:
    settings, ratios = {"mode": "polygon", "unclip": "exact", "thresh": 0.3}, Ratios(0.9, 0.8, 0.85)
    gain = PairedGain(mean=0.01, low=0.0, high=0.02, probability=0.97, standard_error=0.01)
    calibration = Calibration(settings, True, settings, settings, ratios, ratios, 0.86, gain, 9, {"maps": "m"})
    write_calibration(folder / "file.json", calibration)
    return folder / "file.json"


def _write_folds(folder: Path) -> Path:
    folds = tuple(Fold((f"{name}.jpg",), (), FoldStatistics(1, 3, 3.0, 0.1)) for name in "ab")
    write_fold_split(folder / "file.json", FoldSplit(1, ("train",), {"train": "0"}, {"key": None}, folds))
    return folder / "file.json"


def _write_a_provenance(folder: Path) -> Path:
    sources = (Source("best.ckpt", "0" * 64),)
    settings = {"models": {"head": {"thresh": 0.3}}}
    write_provenance(folder, Provenance("2026-01-01 00:00:00", sources, settings, Ratios(1, 1, 1), None, "0" * 64))
    return folder / PROVENANCE


def _write_submission(folder: Path) -> list[Path]:
    rows = ["filename,polygons", "a.png,0 0 9 0 9 9 0 9|1.5 2 30 2 30 12 1 12", "b.png,", "c/d.png,5 5 9 5 9 9 5 9"]
    (folder / "s.csv").write_text("\n".join(rows) + "\n")
    return [folder / "s.csv"]


def _pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (18, 24, 3), np.uint8)


def _write_images(folder: Path) -> list[Path]:
    rgb = Image.fromarray(_pixels())
    exif = Image.Exif()
    exif[0x0112] = 6
    transparent = rgb.copy()
    transparent.putalpha(Image.fromarray(_pixels()[:, :, 0]))
    grey16 = Image.fromarray(_pixels()[:, :, 0].astype(np.uint16) * 257)
    saved = {
        "plain.jpg": (rgb, {}),
        "turned.jpg": (rgb, {"exif": exif.tobytes()}),
        "progressive.jpg": (rgb, {"progressive": True, "quality": 90}),
        "cmyk.jpg": (rgb.convert("CMYK"), {}),
        "grey.jpg": (rgb.convert("L"), {}),
        "plain.png": (rgb, {}),
        "alpha.png": (transparent, {}),
        "palette.png": (rgb.convert("P"), {"transparency": 3}),
        "grey16.png": (grey16, {}),
        "plain.webp": (rgb, {"lossless": True}),
        "lzw.tif": (rgb, {"compression": "tiff_lzw"}),
        "plain.tif": (rgb, {"exif": exif}),
        "plain.bmp": (rgb, {}),
        "frames.gif": (rgb, {"save_all": True, "append_images": [rgb.rotate(90)]}),
        "plain.jp2": (rgb, {}),
        "plain.ppm": (rgb, {}),
    } | ({"plain.avif": (rgb, {})} if ".avif" in Image.registered_extensions() else {})
    for name, (image, options) in saved.items():
        image.save(folder / name, **options)
    return [folder / name for name in saved]


def _faults_of_pixels(pixels: object) -> Iterable[str]:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.size == 0:
        yield f"pixels of {pixels.shape} {pixels.dtype}"


def _write_maps(folder: Path) -> list[Path]:
    with MapCacheWriter(folder / "maps", bits=8, source={"checkpoint": "best.ckpt"}) as writer:
        for name in ("a.png", "b.png"):
            levels = np.random.default_rng(0).integers(0, 256, (10, 20), np.uint8)
            writer.add(ImageMap(ImageRecord(name, 40, 20, scaling(2, 2)), levels), "0" * 64)
    return [folder / "maps/index.json", folder / "maps/maps/a.png.png"]


def _mutate_map(rng: Random, data: bytes) -> bytes:
    return mutate_image(rng, data) if data.startswith(b"\x89PNG") else mutate_json(rng, data)


def _follow_map(rng: Random, path: Path) -> None:
    """Names the mutated PNG's hash in the index, most of the time."""
    index = path.parents[1] / "index.json"
    if path.name.endswith(".png") and rng.random() < 0.8:
        content = json.loads(index.read_bytes())
        content["images"]["a.png"]["map_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        index.write_text(json.dumps(content))


def _read_maps(path: Path) -> list[ImageMap]:
    cache = MapCache(path.parent if path.name == "index.json" else path.parents[1])
    return [cache.read(name) for name in cache.filenames]


def _faults_of_maps(maps: object) -> Iterable[str]:
    for record, levels in maps:
        yield from _bad_numbers([record.width_original, record.height_original], LARGEST, "a size")
        yield from _bad_numbers(record.input_to_original, LARGEST, "a matrix")
        yield from [] if _is_inside(record.filename) else [f"the name {record.filename!r}"]
        yield from [] if levels.ndim == 2 and levels.dtype in (np.uint8, np.uint16) else [f"levels {levels.dtype}"]


def _state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {"a.weight": torch.rand(4, 3), "a.bias": torch.rand(4), "n": torch.tensor(3), "h": torch.rand(2, 2).half()}


def _own_settings(wiring: str) -> dict[str, object]:
    return {name: value for name, value in _defaults(wiring).items() if name != "build"}


def _defaults(wiring: str) -> dict[str, object]:
    return {name: value for name, value in plain(compose_defaults(wiring)).items() if name not in REBUILT}


def _write_checkpoints(folder: Path) -> list[Path]:
    content = {"config": {"datasets": {"img_size": 64}}, "state_dict": _state(), "epoch": 3}
    save_sealed(content, folder / "sealed.ckpt")
    torch.save(content, folder / "plain.ckpt")
    return [folder / "sealed.ckpt", folder / "plain.ckpt"]


def _read_checkpoint(path: Path) -> object:
    checkpoint = read_checkpoint(path)
    check_weights(checkpoint["state_dict"], path)
    return checkpoint["state_dict"]


def _faults_of_weights(state: object) -> Iterable[str]:
    for name, value in state.items():
        if not bool(torch.isfinite(value).all()):
            yield f"{name} of {value}"
        if value.numel() * value.element_size() > 1e8:
            yield f"{name} of {tuple(value.shape)}"


def _write_settings(folder: Path) -> list[Path]:
    paths = [folder / "base.json", folder / "classification.json"]
    for path in paths:
        path.write_text(json.dumps(_own_settings(path.stem)))
    return paths


def _mutate_settings(rng: Random, data: bytes) -> bytes:
    return json.dumps(mutate_document(rng, json.loads(data))).encode()


def _read_settings(path: Path) -> object:
    kept = {"config": json.loads(path.read_bytes())}
    written = merge_settings(kept, path, path.stem, Overrides()).written
    return plain(OmegaConf.create(written), resolve=True)


def _faults_of_settings(settings: object) -> Iterable[str]:
    """Numbers of our own settings that are none, or larger than any that trains."""
    for wiring in ("base", "classification"):
        own = _own_settings(wiring)
        yield from _odd_numbers({name: settings[name] for name in own if name in settings}, own)


def _odd_numbers(settings: object, own: dict[str, object]) -> Iterable[str]:
    for name, default in own.items():
        value = settings.get(name) if isinstance(settings, dict) else None
        if isinstance(default, dict):
            yield from _odd_numbers(value, default)
        elif isinstance(value, int | float) and isinstance(default, int | float) and not abs(value) < 2**64:
            yield f"{name}={value}"


def _write_weights(folder: Path) -> list[Path]:
    state = _state()
    save_file(state, folder / "x.safetensors")
    torch.save(state, folder / "x.pth")
    torch.save({"state_dict": state, "epoch": 3}, folder / "old.pth", _use_new_zipfile_serialization=False)
    names = dict.fromkeys(state, "x.safetensors")
    (folder / "x.index.json").write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": names}))
    return [folder / name for name in ("x.safetensors", "x.pth", "old.pth", "x.index.json")]


def _mutate_weights(rng: Random, data: bytes) -> bytes:
    if data.startswith(b"PK"):
        return mutate_archive(rng, data)
    if data.startswith(b"{"):
        return mutate_json(rng, data)
    return mutate_bytes(rng, data) if data.startswith(b"\x80") else mutate_safetensors(rng, data)


def _write_shipped(folder: Path) -> list[Path]:
    manifest = ship(_state(), folder / "tiny", encoder="tiny", source={"description": "d"}, piece_bytes=200)
    return [manifest, *sorted(manifest.parent.glob("part-*.bin"))[:1]]


def _mutate_shipped(rng: Random, data: bytes) -> bytes:
    return mutate_json(rng, data) if data.startswith(b"{") else mutate_bytes(rng, data)


def _follow_shipped(rng: Random, path: Path) -> None:
    """Gives the manifest the hashes of the mutated piece and of the whole, most of the time."""
    if path.name == MANIFEST or rng.random() < 0.2:
        return
    manifest = json.loads((path.parent / MANIFEST).read_bytes())
    pieces = [(path.parent / file["name"]).read_bytes() for file in manifest["files"]]
    for file, piece in zip(manifest["files"], pieces, strict=True):
        file["sha256"] = hashlib.sha256(piece).hexdigest()
    manifest["sha256"] = hashlib.sha256(b"".join(pieces)).hexdigest()
    (path.parent / MANIFEST).write_text(json.dumps(manifest))


def _write_generated(folder: Path) -> list[Path]:
    Manifest(folder / "made", {"seed": 1}).write(["a.jpg", "b/c.jpg"])
    return [folder / "made" / "generated.json"]


def _read_generated(path: Path) -> set[str]:
    return Manifest(path.parent, {}).claim(["n.jpg"], overwrite=True)


def _faults_of_names(names: object) -> Iterable[str]:
    return [f"the name {name!r}" for name in names if not _is_inside(name)]


def _write_zip(folder: Path) -> list[Path]:
    for name, method in (("stored.zip", zipfile.ZIP_STORED), ("deflated.zip", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(folder / name, "w", method) as archive:
            for number in range(6):
                pixels = np.full((6, 8, 3), number * 40, np.uint8)
                archive.writestr(f"d/{'ab'[number % 2]}/{number}.png", encode(pixels))
    return [folder / "stored.zip", folder / "deflated.zip"]


def _read_splits(source: object) -> list[object]:
    """All images of a source's splits, as training looks for equal ones and reads them."""
    splits = source.load()
    find_duplicates(splits.train, splits.val)
    return [split.read(index) for split in splits if split is not None for index in range(len(split))]


def _faults_of_images(images: object) -> Iterable[str]:
    return [fault for pixels in images for fault in _faults_of_pixels(pixels)]


def _write_npz(folder: Path) -> list[Path]:
    arrays = {}
    for split, count in (("train", 6), ("val", 2)):
        arrays[f"{split}_images"] = np.zeros((count, 4, 4), np.uint8)
        arrays[f"{split}_labels"] = np.arange(count, dtype=np.uint8)[:, None] % 2
    for name, save in (("x.npz", np.savez), ("compressed.npz", np.savez_compressed)):
        buffer = io.BytesIO()
        save(buffer, **arrays)
        (folder / name).write_bytes(buffer.getvalue())
    return [folder / "x.npz", folder / "compressed.npz"]


def _write_label_csv(folder: Path) -> list[Path]:
    (folder / "images").mkdir()
    names = [f"{letter}.png" for letter in "abcdef"]
    for number, name in enumerate(names):
        (folder / "images" / name).write_bytes(encode(np.full((6, 8, 3), number * 40, np.uint8)))
    rows = [f"{name if index else 'a'},{'yes' if index % 2 else 'no'},x" for index, name in enumerate(names)]
    (folder / "labels.csv").write_text("\n".join(["id,label,note", *rows]) + "\n")
    return [folder / "labels.csv"]


def _faults_of_calibration(calibration: object) -> Iterable[str]:
    scores = [*calibration.before, *calibration.after, calibration.cross_fitted, *calibration.gain]
    yield from _bad_numbers(scores, 1.0, "scores")
    for settings in (calibration.settings, calibration.found, calibration.defaults):
        numbers = [value for name, value in settings.items() if name not in ("mode", "unclip", "rectangle_fill")]
        yield from _bad_numbers(numbers, LARGEST, "settings")


def _faults_of_folds(split: object) -> Iterable[str]:
    for fold in split.folds:
        yield from _bad_numbers(list(fold.statistics), 1e12, "statistics")
        yield from _faults_of_names(fold.filenames)


def _faults_of_provenance(provenance: object) -> Iterable[str]:
    yield from _bad_numbers(provenance.validation or (), 1.0, "scores")


def _write_table(path: Path, columns: tuple[str, ...], rows: list[dict[str, str]]) -> list[Path]:
    lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return [path]


def _write_ledger(folder: Path) -> list[Path]:
    rows = [
        {
            "time": "2026-01-01 00:00:00",
            "submission": f"submissions/{name}",
            "settings": f"models.head.thresh=0.{index}; tta=flip",
            "val_hmean": f"0.9{index}",
            "csv_sha256": "0" * 64,
            "leaderboard_hmean": f"0.8{index}",
        }
        for index, name in enumerate("abc")
    ]
    return _write_table(folder / "ledger.csv", LEDGER.columns, rows)


def _read_ledger(path: Path) -> object:
    rows = sort_ledger(read_rows(path, LEDGER))
    printed(print_ledger, rows, width=100)
    return scored_on_both(rows, path)


def _faults_of_scored(scored: object) -> Iterable[str]:
    return [fault for one in scored for fault in _bad_numbers([one.validation, one.leaderboard], 1.0, "scores")]


def _write_experiments(folder: Path) -> list[Path]:
    fixed = {"preset": "p", "baseline": "p", "monitor": "val_hmean", "mode": "max", "status": "finished"}
    rows = [
        fixed
        | {"run": f"outputs/p/{index}", "score": f"0.{index}5", "change_count": str(index), "val_hmean": f"0.{index}5"}
        | {"changes": f"models.optimizer.lr=0.{index}" if index else "", "minutes": "1.5", "parameters": "2000000"}
        for index in range(3)
    ]
    return _write_table(folder / "experiments.csv", (*LOG.columns, "val_hmean"), rows)


def _read_experiments(path: Path) -> object:
    rows = ranked(read_rows(path, LOG))
    printed(print_experiments, rows, width=100)
    return rows


def _compare_experiments(path: Path) -> object:
    rows = _read_experiments(path)
    scored = [row for row in rows if row["status"] == "finished" and math.isfinite(number_in(row, "val_hmean"))]
    return compare_runs(rows) if scored else []


def _write_summary(folder: Path) -> list[Path]:
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints/best.ckpt").touch()
    epochs = [{"epoch": number, "train_loss": 1.5, "val_hmean": 0.5} for number in range(3)]
    (folder / "summary.json").write_text(json.dumps({"best": {"score": 0.5, "epoch": 2}, "epochs": epochs}))
    (folder / "finished.json").write_text(
        json.dumps({"score": 0.5, "epochs": 3, "checkpoint": "checkpoints/best.ckpt"})
    )
    return [folder / "summary.json", folder / "finished.json"]


def _read_summary(path: Path) -> object:
    if path.name == "finished.json":
        return read_finished(path.parent)
    row = {"run": str(path.parent), "preset": "p", "baseline": "p", "changes": "", "seed": "0"}
    return read_curves([row])


def _faults_of_summary(content: object) -> Iterable[str]:
    if isinstance(content, list):
        for epoch in (epoch for curve in content for epoch in curve.epochs):
            if not all(isinstance(value, int | float) for value in epoch.values()):
                yield f"the epoch {epoch}"
    elif not isinstance(content.epochs, int) or not is_number(content.score or 0):
        yield f"{content}"


def _one(write: Callable[[Path], Path]) -> Callable[[Path], list[Path]]:
    return lambda folder: [write(folder)]


READERS = {
    "annotations": Reader(_one(_write_labels), mutate_json, read_annotations, (AnnotationError,), _faults_of_words),
    "labels of other tools, JSON": Reader(
        _write_foreign(".json"), mutate_json, _read_foreign, (AnnotationError,), _faults_of_words
    ),
    "labels of other tools, text": Reader(
        _write_foreign(".txt", ".xml"), mutate_bytes, _read_foreign, (AnnotationError,), _faults_of_words
    ),
    "predictions, JSON": Reader(
        _one(_write_labels), mutate_json, read_predictions, (AnnotationError,), _faults_of_words
    ),
    "predictions, CSV": Reader(_write_submission, mutate_table, read_predictions, (SubmissionError,), _faults_of_words),
    "images": Reader(_write_images, mutate_image, read_image, (ImageReadError,), _faults_of_pixels),
    "probability maps": Reader(_write_maps, _mutate_map, _read_maps, (CacheError,), _faults_of_maps, _follow_map),
    "checkpoints": Reader(_write_checkpoints, mutate_archive, _read_checkpoint, (CheckpointError,), _faults_of_weights),
    "settings in checkpoints": Reader(
        _write_settings, _mutate_settings, _read_settings, (CheckpointError,), _faults_of_settings, slowness=5
    ),
    "files of weights": Reader(
        _write_weights, _mutate_weights, read_weights, (PretrainedWeightsError,), _faults_of_weights
    ),
    "shipped weights": Reader(
        _write_shipped,
        _mutate_shipped,
        lambda path: read_shipped(path.parent),
        (PretrainedWeightsError,),
        _faults_of_weights,
        _follow_shipped,
    ),
    "zip archives": Reader(
        _write_zip,
        mutate_archive,
        lambda path: _read_splits(ZipSource(path)),
        (SourceError, ImageReadError),
        _faults_of_images,
    ),
    "npz": Reader(
        _write_npz, mutate_archive, lambda path: _read_splits(NpzSource(path)), (SourceError,), _faults_of_images
    ),
    "CSV of labels": Reader(
        _write_label_csv,
        mutate_table,
        lambda path: _read_splits(CsvSource(path, path.parent / "images")),
        (SourceError,),
        _faults_of_images,
    ),
    "generated files": Reader(_write_generated, mutate_json, _read_generated, (FileExistsError,), _faults_of_names),
    "calibrations": Reader(
        _one(_write_a_calibration), mutate_json, read_calibration, (CalibrationError,), _faults_of_calibration
    ),
    "folds": Reader(_one(_write_folds), mutate_json, read_fold_split, (FoldSplitError,), _faults_of_folds),
    "provenance": Reader(
        _one(_write_a_provenance),
        mutate_json,
        lambda path: read_provenance(path.parent),
        (SubmissionError,),
        _faults_of_provenance,
    ),
    "ledger": Reader(_write_ledger, mutate_table, _read_ledger, (ValueError,), _faults_of_scored),
    "experiment log": Reader(_write_experiments, mutate_table, _compare_experiments, (ValueError,)),
    "summaries of runs": Reader(_write_summary, mutate_json, _read_summary, (ValueError,), _faults_of_summary),
}
