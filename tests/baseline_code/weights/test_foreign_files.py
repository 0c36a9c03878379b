"""Files of weights that would lead elsewhere, never end or train nothing."""

import json

import pytest
import torch
from safetensors.torch import save_file

from baseline_code.weights.reading import read_weights
from baseline_code.weights.shipped import PretrainedWeightsError, read_manifest, ship


def write_index(folder, **shards):
    (folder / "model.index.json").write_text(json.dumps({"weight_map": shards}))
    return folder / "model.index.json"


@pytest.mark.parametrize("shard", ["model.index.json", "../a.safetensors", "/etc/passwd", "x/a.safetensors", "..", ""])
def test_a_shard_must_be_a_file_beside_its_list_and_no_list(tmp_path, shard):
    save_file({"a": torch.ones(2)}, tmp_path / "a.safetensors")
    with pytest.raises(PretrainedWeightsError, match=r"model\.index\.json: expected shards that lie beside it, got"):
        read_weights(write_index(tmp_path, a="a.safetensors", b=shard))


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_weights_that_are_no_numbers_are_named(tmp_path, value):
    save_file({"fine": torch.ones(2), "broken": torch.tensor([1.0, value])}, tmp_path / "a.safetensors")
    torch.save({"fine": torch.ones(2), "broken": torch.tensor([1.0, value])}, tmp_path / "a.pth")
    index = write_index(tmp_path, fine="a.safetensors", broken="a.safetensors")
    for path in (tmp_path / "a.safetensors", tmp_path / "a.pth", index):
        with pytest.raises(PretrainedWeightsError, match=r"expected finite weights in .*1 tensors, such as 'broken'"):
            read_weights(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00.", b"x" * 100, bytes(100)])
def test_bytes_that_are_no_weights_are_named(tmp_path, content):
    for name in ("a.pth", "a.safetensors"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PretrainedWeightsError, match=rf"expected a state dict in .*{name}"):
            read_weights(tmp_path / name)


def change(manifest, name, value):
    content = json.loads(manifest.read_text())
    content[name] = value
    manifest.write_text(json.dumps(content))


@pytest.fixture
def manifest(tmp_path):
    return ship({"a": torch.ones(4, 4)}, tmp_path / "tiny", encoder="tiny", source={"description": "d"})


@pytest.mark.parametrize("name", ["../part-01.bin", "/etc/passwd", "x/part-01.bin", "", "..", "a\\b", "a\0b", 3, None])
def test_a_piece_must_be_a_file_beside_its_manifest(manifest, name):
    change(manifest, "files", [{"name": name, "sha256": "0" * 64}])
    with pytest.raises(PretrainedWeightsError, match=r"manifest\.json: expected .* the name of a file beside it"):
        read_manifest(manifest.parent)


@pytest.mark.parametrize(
    ("name", "value"), [("encoder", 3), ("source", "d"), ("sha256", None), ("files", {}), ("files", [3])]
)
def test_a_field_of_another_kind_is_named(manifest, name, value):
    change(manifest, name, value)
    with pytest.raises(PretrainedWeightsError, match=r"manifest\.json: expected a manifest .* could not read it"):
        read_manifest(manifest.parent)
