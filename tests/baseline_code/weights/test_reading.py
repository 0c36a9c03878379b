"""Files of weights: what is read, and what is said of files that cannot be."""

import json

import pytest
import torch
from safetensors.torch import save_file

from baseline_code.weights.reading import read_weights
from baseline_code.weights.shipped import PretrainedWeightsError, ship

STATE = {"conv.weight": torch.arange(12.0).reshape(3, 4), "conv.bias": torch.ones(3)}


def assert_is_the_state(read):
    assert set(read) == set(STATE)
    assert all(torch.equal(read[name].float(), value) for name, value in STATE.items())


def test_safetensors_are_read(tmp_path):
    save_file(STATE, tmp_path / "weights.safetensors")
    assert_is_the_state(read_weights(tmp_path / "weights.safetensors"))


def test_a_torch_state_dict_is_read(tmp_path):
    torch.save(STATE, tmp_path / "weights.pth")
    assert_is_the_state(read_weights(str(tmp_path / "weights.pth")))


def test_a_lightning_checkpoint_is_read_with_its_averaged_weights(tmp_path):
    trained = {name: value + 1 for name, value in STATE.items()}
    torch.save(
        {"epoch": 3, "state_dict": STATE, "current_model_state": trained, "config": {"a": [1]}}, tmp_path / "a.ckpt"
    )
    assert_is_the_state(read_weights(tmp_path / "a.ckpt"))


def test_a_list_of_shards_is_joined(tmp_path):
    for number, name in enumerate(STATE):
        save_file({name: STATE[name]}, tmp_path / f"model-{number}.safetensors")
    shards = {name: f"model-{number}.safetensors" for number, name in enumerate(STATE)}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    assert_is_the_state(read_weights(tmp_path / "model.safetensors.index.json"))


def test_a_shard_without_the_weight_that_it_is_listed_for_is_named(tmp_path):
    save_file({"conv.weight": STATE["conv.weight"]}, tmp_path / "a.safetensors")
    shards = dict.fromkeys(STATE, "a.safetensors")
    (tmp_path / "index.json").write_text(json.dumps({"weight_map": shards}))
    with pytest.raises(PretrainedWeightsError, match=r"index\.json: expected 'conv\.bias' in a\.safetensors"):
        read_weights(tmp_path / "index.json")


def test_a_missing_shard_is_named(tmp_path):
    (tmp_path / "index.json").write_text(json.dumps({"weight_map": {"a": "gone.safetensors"}}))
    with pytest.raises(PretrainedWeightsError, match=r"gone\.safetensors, which does not exist"):
        read_weights(tmp_path / "index.json")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"weight_map": 3}'])
def test_a_list_of_something_else_is_named(content, tmp_path):
    (tmp_path / "index.json").write_text(content)
    with pytest.raises(PretrainedWeightsError, match=r"expected a list of shards in .*index\.json"):
        read_weights(tmp_path / "index.json")


def test_the_manifest_of_shipped_weights_is_read(tmp_path):
    assert_is_the_state(read_weights(ship(STATE, tmp_path, encoder="x", source={}, piece_bytes=100)))


def test_a_file_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(PretrainedWeightsError, match=r"expected a file of weights, got .*nowhere\.pth, which does not"):
        read_weights(tmp_path / "nowhere.pth")


@pytest.mark.parametrize("filename", ["junk.pth", "junk.safetensors"])
@pytest.mark.parametrize("content", [b"", b"not a state dict at all", b"\x80\x02N."], ids=["empty", "text", "pickle"])
def test_a_file_that_is_no_state_dict_is_named(filename, content, tmp_path):
    (tmp_path / filename).write_bytes(content)
    with pytest.raises(PretrainedWeightsError, match=rf"expected a state dict in .*{filename}"):
        read_weights(tmp_path / filename)


@pytest.mark.parametrize("content", [[torch.zeros(3)], {}, {"epoch": 3}, {"state_dict": {}}])
def test_a_file_of_something_else_is_named(content, tmp_path):
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(PretrainedWeightsError, match=r"expected a state dict in .*other\.pth"):
        read_weights(tmp_path / "other.pth")


class Code:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('code ran')",))


def test_code_in_a_file_is_not_run(tmp_path):
    torch.save({"state_dict": STATE, "extra": Code()}, tmp_path / "evil.ckpt")
    with pytest.raises(PretrainedWeightsError, match=r"expected a state dict in .*evil\.ckpt"):
        read_weights(tmp_path / "evil.ckpt")
