"""Files of weights: what is read, and what is said of those that cannot be, lead elsewhere or run code."""

import json

import pytest
import torch
from safetensors.torch import save_file

from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.reading import read_weights
from baseline_code.weights.shipped import ship

STATE = {"conv.weight": torch.arange(12.0).reshape(3, 4), "conv.bias": torch.ones(3)}


def assert_is_the_state(read):
    assert set(read) == set(STATE)
    assert all(torch.equal(read[name].float(), value) for name, value in STATE.items())


def test_every_kind_of_file_is_read_and_of_a_checkpoint_the_averaged_weights(tmp_path):
    save_file(STATE, tmp_path / "a.safetensors")
    torch.save(STATE, tmp_path / "a.pth")
    trained = {name: value + 1 for name, value in STATE.items()}  # of which STATE is the average
    checkpoint = {"epoch": 3, "state_dict": STATE, "current_model_state": trained, "config": {"a": [1]}}
    torch.save(checkpoint, tmp_path / "a.ckpt")
    manifest = ship(STATE, tmp_path, encoder="x", source={}, piece_bytes=100)
    for path in (tmp_path / "a.safetensors", str(tmp_path / "a.pth"), tmp_path / "a.ckpt", manifest):
        assert_is_the_state(read_weights(path))


def write_index(folder, shards):
    (folder / "model.index.json").write_text(json.dumps({"weight_map": shards}))
    return folder / "model.index.json"


def test_a_list_of_shards_is_joined(tmp_path):
    for number, name in enumerate(STATE):
        save_file({name: STATE[name]}, tmp_path / f"model-{number}.safetensors")
    shards = {name: f"model-{number}.safetensors" for number, name in enumerate(STATE)}
    assert_is_the_state(read_weights(write_index(tmp_path, shards)))


BESIDE = r"model\.index\.json: expected shards that lie beside it, got"


@pytest.mark.parametrize(
    ("shard", "message"),
    [
        ("a.safetensors", r"index\.json: expected 'conv\.bias' in a\.safetensors"),
        ("gone.safetensors", r"gone\.safetensors, which does not exist"),
        *((shard, BESIDE) for shard in ("model.index.json", "../a.safetensors", "/etc/passwd", "x/a.pth", "..", "")),
    ],
)
def test_a_shard_must_lie_beside_its_list_and_hold_what_it_is_listed_for(tmp_path, shard, message):
    save_file({"conv.weight": STATE["conv.weight"]}, tmp_path / "a.safetensors")
    index = write_index(tmp_path, {"conv.weight": "a.safetensors", "conv.bias": shard})
    with pytest.raises(PretrainedWeightsError, match=message):
        read_weights(index)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_weights_that_are_no_numbers_are_named(tmp_path, value):
    state = {"fine": torch.ones(2), "broken": torch.tensor([1.0, value])}
    save_file(state, tmp_path / "a.safetensors")
    torch.save(state, tmp_path / "a.pth")
    index = write_index(tmp_path, dict.fromkeys(state, "a.safetensors"))
    for path in (tmp_path / "a.safetensors", tmp_path / "a.pth", index):
        with pytest.raises(PretrainedWeightsError, match=r"expected finite weights in .*1 tensors, such as 'broken'"):
            read_weights(path)


@pytest.mark.parametrize("filename", ["junk.pth", "junk.safetensors"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00.", b"\x80\x02N.", b"x" * 100, bytes(100)])
def test_a_file_that_is_no_state_dict_is_named(filename, content, tmp_path):
    (tmp_path / filename).write_bytes(content)
    with pytest.raises(PretrainedWeightsError, match=rf"expected a state dict in .*{filename}"):
        read_weights(tmp_path / filename)


@pytest.mark.parametrize("content", [[torch.zeros(3)], {}, {"epoch": 3}, {"state_dict": {}}])
def test_a_file_of_something_else_is_named(content, tmp_path):
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(PretrainedWeightsError, match=r"expected a state dict in .*other\.pth"):
        read_weights(tmp_path / "other.pth")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"weight_map": 3}'])
def test_a_list_of_something_else_and_a_missing_file_are_named(content, tmp_path):
    with pytest.raises(PretrainedWeightsError, match=r"a file of weights, got .*index\.json, which does not"):
        read_weights(tmp_path / "index.json")
    (tmp_path / "index.json").write_text(content)
    with pytest.raises(PretrainedWeightsError, match=r"expected a list of shards in .*index\.json"):
        read_weights(tmp_path / "index.json")


class Code:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('code ran')",))


def test_code_in_a_file_is_not_run(tmp_path):
    torch.save({"state_dict": STATE, "extra": Code()}, tmp_path / "evil.ckpt")
    with pytest.raises(PretrainedWeightsError, match=r"expected a state dict in .*evil\.ckpt"):
        read_weights(tmp_path / "evil.ckpt")
