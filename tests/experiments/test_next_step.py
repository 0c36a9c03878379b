"""What to try after a training."""

import pytest

from ocr.experiments.next_step import next_step


def step(scores, losses=None, *, monitor="val_hmean", sign=1, waiting=0.0, is_timed=False, **best):
    losses = losses or [1.0] * len(scores)
    epochs = [
        {"train_loss": loss} | ({} if score is None else {monitor: score} | best)
        for score, loss in zip(scores, losses, strict=True)
    ]
    return next_step(epochs, monitor, sign=sign, waiting=waiting, checkpoint="best.ckpt", is_timed=is_timed)


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        ({"scores": [0.5, 0.9], "waiting": 0.4}, "the network waited 40% of the time for data"),
        ({"scores": [None, None]}, "validate: "),
        ({"scores": [0.0, 0.02]}, "hardly a word is found"),
        ({"scores": [0.5, 0.7, 0.8]}, "val_hmean still improves, by 0.1000 in the last third: trainer.max_epochs=6"),
        ({"scores": [None, 0.7, None, 0.8]}, "val_hmean still improves, by 0.1000"),
        ({"scores": [0.9, 0.8, 0.5], "monitor": "val_loss", "sign": -1}, "val_loss still improves, by 0.3000"),
        (
            {"scores": [0.5, 0.7, 0.8], "is_timed": True},  # trainer.max_epochs is not read then
            "val_hmean still improves, by 0.1000 in the last third: twice the trainer.max_time",
        ),
        (
            {"scores": [0.7, 0.9, 0.85], "losses": [3.0, 2.0, 1.0], "is_timed": True},
            "val_hmean gets worse since epoch 2 while the training loss falls: more images or augmentation, or a "
            "shorter trainer.max_time",
        ),
        (
            {"scores": [0.7, 0.9, 0.85], "losses": [3.0, 2.0, 1.0]},
            "val_hmean gets worse since epoch 2 while the training loss falls: more images or augmentation, or "
            "trainer.max_epochs=3",
        ),
        (
            {"scores": [0.9, 0.9, 0.9], "val_precision": 0.95, "val_recall": 0.9},
            "precision 0.9500 and recall 0.9000 are apart: python runners/calibrate.py checkpoint_path=best.ckpt",
        ),
        ({"scores": [0.7, 0.9, 0.899], "val_precision": 0.9, "val_recall": 0.9}, "val_hmean has levelled off"),
        ({"scores": [0.9]}, "val_hmean has levelled off"),
    ],
)
def test_the_line_follows_from_the_curve(curve, said):
    assert step(**curve).startswith(said)
