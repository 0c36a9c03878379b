"""What to try after a training, from its own curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WAITING = 0.25
"""Fraction of the time spent on loading from which on it is worth a change."""
NOTHING = 0.1
"""Scores below are those of a detector that has not begun to learn."""
RISE, FALL = 0.002, 0.005
"""Of a score: more than the noise of one epoch to the next."""
IMBALANCE = 0.02
"""Difference of precision and recall from which on other thresholds may gain something."""

Epoch = Mapping[str, float]


def next_step(
    epochs: Sequence[Epoch], monitor: str, *, sign: int, waiting: float, checkpoint: str, is_timed: bool
) -> str:
    """One line: the first of these that holds.

    The network waits for data; nothing is found; the score still improves; it got worse while the training loss fell;
    precision and recall are apart; none of these.

    Args:
        epochs: losses and scores of each epoch, the first epoch first.
        monitor: the score that the best epoch is chosen by.
        sign: 1 where a larger one is better, -1 where a smaller one is.
        waiting: fraction of the last epoch's time that went by with loading, in [0, 1].
        checkpoint: path of the best epoch's.
        is_timed: whether `trainer.max_time` says how long the training is, and `trainer.max_epochs` is not read.
    """
    if waiting > WAITING:
        return f"the network waited {waiting:.0%} of the time for data: more datasets.num_workers, or smaller files"
    scored = [(number, epoch) for number, epoch in enumerate(epochs, start=1) if monitor in epoch]
    if not scored:
        return "validate: early_stopping and checkpoints/best.ckpt need a score to go by"
    best_number, best = max(scored, key=lambda one: sign * one[1][monitor])
    if best.get("val_hmean", 1.0) < NOTHING:
        return (
            "hardly a word is found: look at train_batch.jpg and at the data (runners/doctor.py), or train longer; "
            "after a start by models.weights with few steps, a tenth of models.optimizer.lr"
        )
    last_number, last = scored[-1]
    earlier = [epoch[monitor] for number, epoch in scored if number <= last_number * 2 / 3]
    rise = sign * (best[monitor] - sign * max(sign * score for score in earlier)) if earlier else 0.0
    if best_number == last_number and rise >= RISE:
        longer = "twice the trainer.max_time" if is_timed else f"trainer.max_epochs={2 * len(epochs)}"
        return f"{monitor} still improves, by {rise:.4f} in the last third: {longer}"
    fall = sign * (best[monitor] - last[monitor])
    if fall >= FALL and last.get("train_loss", 0.0) < best.get("train_loss", 0.0):
        shorter = "a shorter trainer.max_time" if is_timed else f"trainer.max_epochs={best_number + 1}"
        return (
            f"{monitor} gets worse since epoch {best_number} while the training loss falls: more images or "
            f"augmentation, or {shorter}"
        )
    precision, recall = best.get("val_precision", 0.0), best.get("val_recall", 0.0)
    if abs(precision - recall) >= IMBALANCE:
        return (
            f"precision {precision:.4f} and recall {recall:.4f} are apart: python runners/calibrate.py "
            f"checkpoint_path={checkpoint}"
        )
    return f"{monitor} has levelled off: a larger datasets.img_size (runners/doctor.py), another preset, or folds"
