"""A detector in one safetensors file: there and back, half as large, and every kind of damage by the file's name."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ocr.detection.metadata import KEY, DetectorError, Metadata
from ocr.detection.reading import Reading
from ocr.detection.state_file import find_tensors, read_state_file, write_state_file

WEIGHTS = {
    "conv.weight": np.linspace(-2, 2, 24, dtype=np.float32).reshape(2, 3, 2, 2),
    "conv.bias": np.array([0.1, 0.2], np.float32),
    "norm.weight": np.array([1.5, 1e5], np.float32),
    "norm.running_var": np.array([1e-12, 1e9], np.float32),
    "norm.num_batches_tracked": np.array(7),
}
METADATA = Metadata(
    Reading.of({"img_size": 960, "padding": "multiple", "box_thresh": 0.6, "mode": "quad"}),
    network={"head": {"k": 50.0}},
    fingerprint="ab",
    description="receipts",
)


@pytest.fixture
def path(tmp_path):
    write_state_file(tmp_path / "detector.safetensors", WEIGHTS, METADATA)
    return tmp_path / "detector.safetensors"


def test_weights_come_back_in_half_precision_but_for_normalisation(path):
    weights = read_state_file(path).weights
    assert set(weights) == {"conv.weight", "conv.bias", "norm.weight", "norm.running_var"}
    assert {name: value.dtype for name, value in weights.items() if name.startswith("conv")} == {
        "conv.weight": np.float16,
        "conv.bias": np.float16,
    }
    np.testing.assert_allclose(weights["conv.weight"], WEIGHTS["conv.weight"], rtol=2**-11)
    for name in ("norm.weight", "norm.running_var"):  # 1e5 and 1e-12 are no numbers of half precision
        assert np.array_equal(weights[name], WEIGHTS[name])


def test_settings_come_back(path):
    metadata = read_state_file(path).metadata
    assert metadata.to_json() == METADATA.to_json()
    assert metadata.reading.settings["mode"] == "quad"
    assert json.loads(metadata.to_json())["input"] == {
        "channels": "rgb",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "stride": 32,
    }


def test_other_programs_read_it_and_the_same_weights_give_the_same_bytes(path, tmp_path):
    assert set(load_file(path)) == set(read_state_file(path).weights)
    write_state_file(tmp_path / "again.safetensors", WEIGHTS, METADATA)
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_every_tensor_is_found_by_its_bytes(path):
    content, weights = path.read_bytes(), read_state_file(path).weights
    for name, (start, length) in find_tensors(path).items():
        assert content[start : start + length] == weights[name].tobytes()


def test_a_number_that_half_precision_lacks_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"expected finite weights within half precision, got 100000\.0 in 'a\.weight'"
    ):
        write_state_file(tmp_path / "a", {"a.weight": np.full((2, 2), 1e5, np.float32)}, METADATA)


def test_a_flipped_bit_is_found(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DetectorError, match=r"detector\.safetensors: damaged: its weights have another SHA-256"):
        read_state_file(path)


@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1", b"\x00" * 100])
def test_what_is_no_safetensors_file_is_named(tmp_path, content):
    (tmp_path / "bad.safetensors").write_bytes(content)
    with pytest.raises(DetectorError, match=r"bad\.safetensors: expected safetensors, could not read them"):
        read_state_file(tmp_path / "bad.safetensors")
    with pytest.raises(DetectorError, match=r"none\.safetensors: expected a detector's weights, No such file"):
        read_state_file(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (None, "expected a detector's settings beside its weights, found none"),
        ({}, "expected a detector's settings beside its weights, found none"),
        ({KEY: "no JSON"}, "expected the settings of a detector in its metadata, could not read them"),
        ({KEY: "[]"}, "expected the settings of a detector in its metadata, could not read them"),
        ({KEY: METADATA.to_json().replace("0.6", "6")}, r"could not read them: expected box_thresh in \[0, 1\], got 6"),
        ({KEY: METADATA.to_json().replace("box_thresh", "thresh_box")}, r"got 'thresh_box'"),
        ({KEY: METADATA.to_json().replace("rgb", "gbr")}, r"got 'gbr'"),
        ({KEY: METADATA.to_json()}, "damaged: its weights have another SHA-256"),
    ],
)
def test_weights_without_fit_settings_are_refused(tmp_path, metadata, message):
    save_file(WEIGHTS, tmp_path / "bare.safetensors", metadata=metadata)
    with pytest.raises(DetectorError, match=rf"bare\.safetensors: .*{message}"):
        read_state_file(tmp_path / "bare.safetensors")
