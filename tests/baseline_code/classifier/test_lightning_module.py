"""The classifier's training and evaluation: losses, blending and scores worked out by hand."""

import math

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader

from baseline_code.classifier.lightning_module import ClassificationModule
from baseline_code.classifier.loss import class_probabilities, classification_loss
from baseline_code.classifier.metrics import classification_metrics
from baseline_code.classifier.mixup import mix
from baseline_code.classifier.predictions import LabelledPredictions
from baseline_code.datasets import ClassificationBatch
from baseline_code.datasets.unlabelled import UnlabelledBatch
from baseline_code.training.optimization import OptimizerFactory, ScheduleFactory

BINARY, THREE = ("good", "bad"), ("a", "b", "c")


class Brightness(nn.Module):
    """Logits from the mean of each channel: (N, 3), or (N, 1) from the first one."""

    def __init__(self, outputs):
        super().__init__()
        self.outputs = outputs
        self.gain = nn.Parameter(torch.ones(3))

    def forward(self, images):
        return (images.mean((2, 3)) * self.gain)[:, : self.outputs]


def module(outputs=1, classes=BINARY, **settings):
    settings = {"mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25), "channels_last": False} | settings
    optimizer = OptimizerFactory(name="sgd", lr=0.1, weight_decay=0.0, fused=False)
    return ClassificationModule(Brightness(outputs), classes, optimizer, ScheduleFactory("constant"), **settings)


def batch(*colours, labels):
    images = torch.tensor(colours, dtype=torch.uint8)[:, :, None, None].expand(-1, 3, 4, 4)
    return ClassificationBatch(images, torch.tensor(labels), tuple(f"{n}.png" for n in range(len(colours))))


def run_through(kind, classifier, batches, **settings):
    trainer = pl.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        **settings,
    )
    loader = DataLoader(batches, batch_size=None)
    if kind == "fit":
        trainer.fit(classifier, loader)
    else:
        getattr(trainer, kind)(classifier, loader, verbose=False)
    return {name: float(value) for name, value in trainer.callback_metrics.items()}


def test_one_logit_is_two_softmax_outputs_of_which_the_first_is_zero():
    logits, labels = torch.tensor([[-1.5], [0.3], [2.0]]), torch.tensor([0, 1, 0])
    pairs = torch.cat([torch.zeros(3, 1), logits], dim=1)
    smoothed, weighted = {"label_smoothing": 0.2}, {"class_weights": torch.tensor([1.0, 3.0])}
    for settings in ({}, smoothed, weighted, smoothed | weighted):
        one, two = (classification_loss(form, labels, **settings).item() for form in (logits, pairs))
        assert one == pytest.approx(two, abs=1e-6)
    torch.testing.assert_close(class_probabilities(logits), class_probabilities(pairs))


@pytest.mark.parametrize(
    ("probabilities", "labels", "settings", "expected"),
    [
        ([[1 / 3] * 3] * 4, [0, 1, 2, 0], {}, math.log(3)),
        # losses of log 2 and log 4 with weights 1 and 3
        ([[0.5, 0.5], [0.75, 0.25]], [0, 1], {"class_weights": torch.tensor([1.0, 3.0])}, math.log(2 * 4**3) / 4),
        # of three classes with a fraction of 0.2 over all, the label keeps 0.8 + 0.2 / 3
        ([[0.5, 0.25, 0.25]], [0], {"label_smoothing": 0.2}, (0.8 + 0.2 / 3) * math.log(2) + 0.4 / 3 * math.log(4)),
        # both: the smoothed losses log 2 and 0.9 log 4 + 0.1 log (4 / 3), with weights 1 and 3
        (
            [[0.5, 0.5], [0.75, 0.25]],
            [0, 1],
            {"label_smoothing": 0.2, "class_weights": torch.tensor([1.0, 3.0])},
            (math.log(2) + 3 * (0.9 * math.log(4) + 0.1 * math.log(4 / 3))) / 4,
        ),
    ],
)
def test_the_loss_is_the_weighted_mean_of_smoothed_cross_entropies_in_float32(
    probabilities, labels, settings, expected
):
    loss = classification_loss(torch.log(torch.tensor(probabilities)), torch.tensor(labels), **settings)
    assert loss.item() == pytest.approx(expected)
    assert classification_loss(torch.zeros(2, 2, dtype=torch.bfloat16), torch.tensor([0, 1])).dtype == torch.float32


def test_mixup_blends_each_image_with_its_neighbour_by_a_share_that_the_key_decides():
    images, labels = torch.arange(3.0).view(3, 1, 1, 1).expand(3, 3, 2, 2), torch.tensor([0, 1, 2])
    mixed = mix(images, labels, alpha=0.4, key=(1, 2, 3))
    assert 0.5 <= mixed.fraction <= 1
    assert mixed.fraction == mix(images, labels, alpha=0.4, key=(1, 2, 3)).fraction
    assert mixed.fraction != mix(images, labels, alpha=0.4, key=(1, 2, 4)).fraction
    assert mixed.partner_labels.tolist() == [2, 0, 1]
    expected = [mixed.fraction * own + (1 - mixed.fraction) * other for own, other in ((0, 2), (1, 0), (2, 1))]
    assert mixed.images[:, 0, 0, 0].tolist() == pytest.approx(expected, abs=1e-6)


def test_binary_scores_take_class_1_as_positive():
    """Positives 0.9, 0.4 and negatives 0.6, 0.1: one of two found, one of two right; 3 of 4 pairs in order."""
    metrics = classification_metrics(2, prefix="val_")
    metrics.update(torch.tensor([0.9, 0.4, 0.6, 0.1]), torch.tensor([1, 1, 0, 0]))
    scores = {name: value.item() for name, value in metrics.compute().items()}
    expected = {"val_accuracy": 0.5, "val_precision": 0.5, "val_recall": 0.5, "val_f1": 0.5, "val_auc": 0.75}
    assert scores == pytest.approx(expected)


def test_scores_of_three_classes_are_means_over_classes_but_accuracy_over_images():
    """Three of class a, all right; one of b, taken for a; one of c, right."""
    metrics = classification_metrics(3, prefix="")
    predicted = torch.nn.functional.one_hot(torch.tensor([0, 0, 0, 0, 2]), 3).float()
    metrics.update(predicted, torch.tensor([0, 0, 0, 1, 2]))
    scores = {name: value.item() for name, value in metrics.compute().items()}
    assert scores["accuracy"] == pytest.approx(4 / 5)
    assert scores["recall"] == pytest.approx((1 + 0 + 1) / 3)
    assert scores["precision"] == pytest.approx((3 / 4 + 0 + 1) / 3)
    with pytest.raises(ValueError, match="expected two classes or more, got 1"):
        classification_metrics(1, prefix="")


def test_pixels_are_normalised_by_mean_and_deviation():
    """255 -> (1 - 0.5) / 0.25 = 2, 0 -> -2; the second channel has its own."""
    classifier = module(mean=(0.5, 0.0, 0.5), std=(0.25, 1.0, 0.25))
    images = torch.tensor([255, 255, 0], dtype=torch.uint8).view(1, 3, 1, 1)
    assert classifier.normalise(images).flatten().tolist() == pytest.approx([2, 1, -2], abs=1e-6)


def test_one_step_goes_down_the_gradient_of_the_binary_loss():
    """White, label 1: logit 2 g, gradient -2 (1 - sigmoid(2)); lr 0.1, 1.9 times with Nesterov's momentum of 0.9."""
    classifier = module()
    scores = run_through("fit", classifier, [batch((255, 255, 255), labels=[1])])
    slope = 1 / (1 + math.exp(-2)) - 1
    assert classifier.network.gain[0].item() == pytest.approx(1 - 0.1 * 1.9 * 2 * slope)
    assert scores["train_loss"] == pytest.approx(math.log(1 + math.exp(-2)))
    assert scores["train_accuracy"] == 1


def test_training_with_mixup_is_the_blend_of_both_losses():
    classifier = module(3, THREE, mixup=0.5, seed=3)
    data = batch((255, 0, 0), (0, 255, 0), labels=[0, 1])
    loss = run_through("fit", classifier, [data])["train_loss"]
    fresh = module(3, THREE)
    mixed = mix(fresh.normalise(data.images), data.labels, alpha=0.5, key=(3, 0, 0, 0))
    logits = fresh.network(mixed.images)
    own, partner = (classification_loss(logits, labels) for labels in (mixed.labels, mixed.partner_labels))
    assert loss == pytest.approx((mixed.fraction * own + (1 - mixed.fraction) * partner).item(), abs=1e-6)


@pytest.mark.parametrize("stage", ["validate", "test"])
def test_evaluation_scores_all_batches_together_with_the_plain_loss(stage):
    """Two white and one black image of which the labels call one white image black."""
    classifier = module(label_smoothing=0.3, class_weights=(1.0, 9.0))
    batches = [batch((255,) * 3, (0,) * 3, labels=[1, 0]), batch((255,) * 3, labels=[0])]
    prefix = "val" if stage == "validate" else "test"
    scores = run_through(stage, classifier, batches)
    assert scores[f"{prefix}_accuracy"] == pytest.approx(2 / 3)
    assert (scores[f"{prefix}_precision"], scores[f"{prefix}_recall"]) == (0.5, 1)
    right, wrong = math.log(1 + math.exp(-2)), math.log(1 + math.exp(2))
    assert scores[f"{prefix}_loss"] == pytest.approx((2 * right + wrong) / 3)


def test_the_test_keeps_its_predictions():
    classifier = module()
    with pytest.raises(RuntimeError, match="expected a test before its predictions are read"):
        _ = classifier.tested
    run_through("test", classifier, [batch((255,) * 3, (0,) * 3, labels=[1, 0]), batch((255,) * 3, labels=[0])])
    tested = classifier.tested
    assert tested.filenames == ("0.png", "1.png", "0.png")
    assert tested.labels.tolist() == [1, 0, 0]
    assert tested.predicted.tolist() == [1, 0, 1]
    assert tested.worst(5).tolist() == [2]


def test_the_surest_mistakes_come_first():
    probabilities = np.array([[0.6, 0.4], [0.1, 0.9], [0.2, 0.8], [0.9, 0.1]], dtype=np.float32)
    tested = LabelledPredictions(("a", "b", "c", "d"), np.array([1, 0, 0, 0]), probabilities)
    assert tested.worst(9).tolist() == [1, 2, 0]
    assert tested.worst(1).tolist() == [1]


def test_a_prediction_names_file_class_and_probabilities():
    found = module(3, THREE).predict_step(batch((0, 255, 0), labels=[0]), 0)
    (prediction,) = found.predictions
    assert (prediction.filename, prediction.class_name) == ("0.png", "b")
    ours = np.exp([-2, 2, -2])
    assert prediction.probabilities == pytest.approx(tuple(ours / ours.sum()), abs=1e-6)
    nothing = UnlabelledBatch(torch.zeros(0, 3, 1, 1, dtype=torch.uint8), ())
    assert module().predict_step(nothing, 0).predictions == ()


@pytest.mark.parametrize(("outputs", "classes"), [(1, THREE), (3, BINARY), (2, THREE)])
def test_outputs_that_do_not_fit_the_classes_are_refused(outputs, classes):
    with pytest.raises(
        ValueError, match=rf"expected a network of .* outputs for the {len(classes)} classes .*, got {outputs}"
    ):
        module(outputs, classes)(torch.zeros(1, 3, 4, 4, dtype=torch.uint8))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"label_smoothing": 1.0}, r"models\.label_smoothing in \[0, 1\), got 1"),
        ({"mixup": -0.1}, r"models\.mixup >= 0, got -0\.1"),
        ({"std": (0.1, 0.0, 0.1)}, r"datasets\.mean and datasets\.std of 3 channels, std > 0"),
        ({"mean": (0.5,)}, r"datasets\.mean and datasets\.std of 3 channels"),
    ],
)
def test_settings_outside_their_limits_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        module(**settings)


def test_a_checkpoint_of_other_classes_is_refused():
    checkpoint = {}
    module().on_save_checkpoint(checkpoint)
    assert checkpoint["classes"] == ["good", "bad"]
    with pytest.raises(ValueError, match="expected a checkpoint of the classes"):
        module(2, ("bad", "good")).on_load_checkpoint(checkpoint)


def test_a_compiled_network_leaves_no_trace_in_the_checkpoint():
    assert list(module(compile=True).state_dict()) == ["network.gain"]


def test_gradients_are_clipped_also_for_fused_optimisers():
    classifier = module()
    run_through("fit", classifier, [batch((255,) * 3, labels=[1])], gradient_clip_val=0.01)
    assert classifier.network.gain[0].item() == pytest.approx(1 + 0.1 * 1.9 * 0.01, abs=1e-6)


@pytest.mark.gpu
def test_a_training_step_waits_for_nothing():
    classifier = module(3, THREE, mixup=0.4).cuda()
    data = batch((255, 0, 0), (0, 255, 0), labels=[0, 1]).to("cuda")
    classifier.log = lambda *_, **__: None
    classifier.trainer = pl.Trainer(logger=False, enable_checkpointing=False)
    torch.cuda.set_sync_debug_mode("error")
    try:
        classifier.training_step(data, 0).backward()
    finally:
        torch.cuda.set_sync_debug_mode("default")
