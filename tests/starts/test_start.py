"""`models.weights`: a whole detector there and back, prepared for fine-tuning, and what does not fit by its name."""

import pytest
import torch
from safetensors.torch import save_file

from baseline_code.weights.shipped import ship
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading
from ocr.detection.state_file import write_state_file
from ocr.starts import StartError
from ocr.starts.start import prepare_for_finetuning, start_training_from
from tests.starts.detectors import random_detector

NAME = "ppocrv6_tiny"


def same(one, other):
    states = (one.state_dict(), other.state_dict())
    return all(torch.equal(states[0][name], states[1][name]) for name in states[0])


@pytest.fixture
def earlier():
    return random_detector(NAME, seed=1)


@pytest.fixture
def fresh():
    return random_detector(NAME, seed=2)


@pytest.mark.parametrize("kind", ["checkpoint", "weights alone", "shipped", "state file"])
def test_every_kind_of_file_starts_encoder_decoder_and_head(kind, earlier, fresh, tmp_path):
    state, path = earlier.state_dict(), tmp_path / "best.safetensors"
    if kind == "checkpoint":
        path = tmp_path / "best.ckpt"
        torch.save({"config": {}, "state_dict": {f"detector.{name}": value for name, value in state.items()}}, path)
    elif kind == "shipped":  # in half precision
        path = tmp_path / "light"
        ship(state, path, encoder=NAME, source={})
    elif kind == "state file":  # likewise
        path = tmp_path / "light"
        path.mkdir()
        weights = {name: value.numpy() for name, value in state.items()}
        write_state_file(path / "detector.safetensors", weights, Metadata(Reading.of({"img_size": 960})))
    else:
        save_file(state, path)
    start_training_from(fresh, path)
    for name, value in state.items():
        torch.testing.assert_close(fresh.state_dict()[name], value, rtol=1e-3 * (path.name == "light"), atol=1e-6)


def test_counters_of_normalisation_may_be_missing(tmp_path):
    earlier, fresh = (random_detector("ppocrv4_mobile", seed=seed) for seed in (1, 2))
    state = {name: value for name, value in earlier.state_dict().items() if "num_batches" not in name}
    torch.save(state, tmp_path / "weights.pth")
    start_training_from(fresh, tmp_path / "weights.pth")
    assert same(fresh, earlier)


def test_another_network_is_refused_by_the_tensors_that_differ(fresh, tmp_path):
    torch.save(random_detector("ppocrv6_small").state_dict(), tmp_path / "small.pth")
    message = r"small\.pth does not fit this network: \d+ of its tensors differ: encoder\.stem\.first\.weight is "
    with pytest.raises(StartError, match=message + r"\[24, 3, 3, 3\], expected \[16, 3, 3, 3\]"):
        start_training_from(fresh, tmp_path / "small.pth")


def test_an_encoder_alone_is_no_detector(earlier, fresh, tmp_path):
    save_file(earlier.encoder.state_dict(), tmp_path / "encoder.safetensors")
    with pytest.raises(StartError, match=r"is missing; .*an encoder alone: models\.encoder\.weights"):
        start_training_from(fresh, tmp_path / "encoder.safetensors")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("best.ckpt", b"nothing", r"models\.weights=.*best\.ckpt: expected a state dict"),
        ("det.onnx", b"nothing", r"det\.onnx: expected an ONNX model, could not read it"),
        ("absent.onnx", None, r"expected an ONNX file, got .*which does not exist"),
    ],
)
def test_a_file_that_is_none_is_refused(fresh, tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(StartError, match=words):
        start_training_from(fresh, tmp_path / name)


def test_a_name_that_is_not_known_is_refused_with_the_nearest(fresh):
    with pytest.raises(StartError, match="got ppocrv6_tny; did you mean ppocrv6_tiny"):
        start_training_from(fresh, "ppocrv6_tny")


@pytest.fixture(params=["ppocrv4_mobile", "ppocrv6_tiny"])
def head(request):
    return random_detector(request.param).head


def steepen(head):
    """Logits as steep as those of a deployed detector."""
    with torch.no_grad():
        for parameter in head.probability_branch[-1].parameters():
            parameter.copy_(10 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(3)))


def test_the_logits_are_scaled_so_that_the_order_of_pixels_stays(head):
    steepen(head)
    features = torch.rand(1, next(head.parameters()).shape[1], 8, 12)
    with torch.no_grad():
        before = head(features).probability_logits
        prepare_for_finetuning(head, logit_scale=0.1)
        after = head(features).probability_logits
    torch.testing.assert_close(after, 0.1 * before, rtol=1e-4, atol=1e-4)
    assert torch.equal(after.flatten().sort(stable=True).values > 0, before.flatten().sort(stable=True).values > 0)


def test_the_threshold_branch_is_the_probability_branch_but_for_its_last_layer(head):
    torch.manual_seed(0)
    prepare_for_finetuning(head, logit_scale=0.1)
    probability, threshold = (branch.state_dict() for branch in (head.probability_branch, head.threshold_branch))
    last = f"{len(head.threshold_branch) - 1}."
    same = {name for name in threshold if torch.equal(threshold[name], probability[name])}
    assert same == {name for name in threshold if not name.startswith(last)}
    assert threshold[f"{last}bias"].item() == pytest.approx(-0.6)
    assert threshold[f"{last}weight"].std() < 0.02
    with torch.no_grad():
        values = head(torch.rand(1, next(head.parameters()).shape[1], 8, 12)).threshold
    assert values.mean().item() == pytest.approx(0.354, abs=0.03)  # sigmoid(-0.6)
    assert values.std().item() < 0.03


@pytest.mark.parametrize("logit_scale", [0.0, -1.0])
def test_a_scale_that_would_turn_the_map_round_is_refused(head, logit_scale):
    with pytest.raises(ValueError, match="expected logit_scale > 0, got"):
        prepare_for_finetuning(head, logit_scale=logit_scale)
