"""What is typed for a command that uses a checkpoint, and is not read there."""

from dataclasses import replace

import pytest
import torch
from omegaconf.errors import OmegaConfBaseException

from ocr.transforms.tta_views import TTAViews
from runners.predict import _is_as_trained
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector, load_settings
from runners.wiring.ensemble_members import _read_member, reading_settings
from runners.wiring.parts import build_letterbox
from runners.wiring.typed import check_acts, typed_settings
from tests.commands import as_settings, composed
from tests.lightning_modules.experiment import overriding

DEFAULTS = as_settings(composed("train", "preset=quickstart"))


def check(*typed, settings=DEFAULTS):
    """As a command does: `settings` are those of the checkpoint, with what is typed on top."""
    overrides = overriding(*typed)
    changed = as_settings(composed("train", "preset=quickstart", *(one for one in typed if not one.startswith("tta."))))
    check_acts(overrides, changed if settings is DEFAULTS else settings, "best.ckpt")


def test_only_what_somebody_typed_is_named():
    assert typed_settings(overriding()) == typed_settings(Overrides()) == {}
    typed = ("models.head.unclip_ratio=2.0", "datasets.test.img_size=96", "tta.scales=[1.0,2.0]", "tta.flip=false")
    assert typed_settings(overriding(*typed)) == {
        "models.head.unclip_ratio": 2.0,
        "datasets.test.img_size": 96,
        "tta.scales": [1.0, 2.0],
    }


def test_the_scores_of_a_training_hold_for_predictions_made_as_it_validates_only():
    views = TTAViews(build_letterbox(DEFAULTS, "test"))
    assert _is_as_trained(overriding("trainer.batch_size=1"), DEFAULTS, views)
    assert not _is_as_trained(overriding(), DEFAULTS, replace(views, flip=True))
    for typed in ("trainer.precision=bf16-mixed", "models.head.thresh=0.2", "datasets.padding=multiple"):
        assert not _is_as_trained(overriding(typed), DEFAULTS, views)


@pytest.mark.parametrize(
    ("key", "value", "wanted", "got"),
    [
        ("models.head.unclip_ratio", "2.0", "models.head.unclip=ratio", "unclip=exact"),
        ("models.head.shrink_ratio", "0.6", "models.head.unclip=exact", "unclip=ratio"),
        ("models.head.epsilon", "2.0", "models.head.mode=polygon", "mode=quad"),
        ("models.head.rectangle_fill", "0.5", "models.head.mode=polygon", "mode=quad"),
        ("datasets.test.max_side", "1280", "datasets.test.resize=short_side", "resize=long_side"),
        ("datasets.val.max_side", "1280", "datasets.val.resize=short_side", "resize=long_side"),
    ],
)
def test_what_the_mode_does_not_read_is_refused_with_what_to_add(key, value, wanted, got):
    other = f"{wanted.partition('=')[0]}={got.partition('=')[2]}"
    message = rf"^{key}={value} is read with {wanted} only, best\.ckpt has {got}: add {wanted}, or leave {key} out$"
    with pytest.raises(ValueError, match=message):
        check(f"{key}={value}", other)
    check(f"{key}={value}", wanted)
    check(other)


def test_the_overlap_of_tiles_needs_tiles():
    with pytest.raises(ValueError, match=r"tta\.overlap=0\.4 is read with tta\.tile=… only, .*: add tta\.tile=…"):
        check("tta.overlap=0.4")
    check("tta.overlap=0.4", "tta.tile=640")


def test_several_are_named_together():
    with pytest.raises(ValueError, match=r"^datasets\.test\.max_side=1280 .*; models\.head\.unclip_ratio=2\.0 is read"):
        check("models.head.unclip_ratio=2.0", "datasets.test.max_side=1280")


def test_the_sizes_of_the_test_split_count_for_the_validation_split_too():
    """`datasets.val.max_side` refers to `datasets.test.max_side`."""
    check("datasets.test.max_side=1280", "datasets.val.resize=short_side")


def test_what_a_checkpoint_carries_is_no_matter():
    """A detector that was trained with a ratio and the exact unclip is read as it is."""
    head = {**DEFAULTS.models["head"], "unclip_ratio": 2.0, "mode": "quad", "epsilon": 3.0}
    check(settings=replace(DEFAULTS, models={**DEFAULTS.models, "head": head}))


def test_commands_ask_when_they_build_the_detector_or_read_its_settings(learned):
    typed = overriding("models.head.unclip_ratio=2.0")
    for load in (load_detector, load_settings):
        with pytest.raises(ValueError, match=r"add models\.head\.unclip=ratio"):
            load(learned[1], typed)
        load(learned[1], overriding("models.head.unclip=ratio", "models.head.unclip_ratio=2.0"))


def test_how_an_ensembles_maps_are_read_is_asked_of_its_first_member_only(learned, tmp_path):
    """The first member is read with a ratio, the second one as it was trained, with the exact unclip."""
    content = torch.load(learned[1], weights_only=True)
    content["config"]["models"]["head"]["unclip"] = "ratio"
    torch.save(content, tmp_path / "ratio.ckpt")
    typed = ("models.head.unclip_ratio=2.0",)
    first, second = (_read_member(str(path), overriding(*typed)) for path in (tmp_path / "ratio.ckpt", learned[1]))
    assert reading_settings(first, overriding(*typed)).models["head"]["unclip_ratio"] == 2.0
    assert second.load().postprocess.unclip == "exact"
    with pytest.raises(ValueError, match=r"add models\.head\.unclip=ratio"):
        reading_settings(second, overriding(*typed))


def test_settings_of_a_member_that_fail_without_a_message_are_refused_too(tmp_path, monkeypatch):
    def fail(_):
        raise OmegaConfBaseException

    monkeypatch.setattr("runners.wiring.ensemble_members.plain", fail)
    (tmp_path / "a.ckpt").touch()
    with pytest.raises(ValueError, match=r"a\.ckpt: its own settings do not fit: OmegaConfBaseException\(\)"):
        _read_member({"path": tmp_path / "a.ckpt"}, overriding())
