"""The scores of classifiers, by torchmetrics."""

from __future__ import annotations

from typing import Any

from torchmetrics import Metric, MetricCollection
from torchmetrics import classification as tm


def classification_metrics(num_classes: int, *, prefix: str, sync_on_compute: bool = True) -> MetricCollection:
    """Accuracy, precision, recall, F1 and the area under the ROC curve.

    Args:
        num_classes: of two, class 1 is the positive one, and its probability is what the metrics take; of more,
            precision, recall, F1 and AUC are means over the classes (macro), and accuracy is the fraction of all
            images.
        prefix: of the names, such as `val_`.
        sync_on_compute: gather the other processes' images first.

    Returns:
        Metrics `<prefix>accuracy`, `…precision`, `…recall`, `…f1` and `…auc`. A score whose denominator is empty (no
        image of a class, none predicted) counts as 0. Means of precision, recall and F1 leave out a class that has
        neither; that of the AUC does not.

    Raises:
        ValueError: for fewer than two classes.
    """
    if num_classes < 2:
        raise ValueError(f"expected two classes or more, got {num_classes}")
    common: dict[str, Any] = {
        "task": "binary" if num_classes == 2 else "multiclass",
        "num_classes": num_classes,
        "validate_args": False,  # checking values would make the device wait at each batch
        "sync_on_compute": sync_on_compute,
    }
    metrics: dict[str, Metric | MetricCollection] = {
        "accuracy": tm.Accuracy(average="micro", **common),
        "precision": tm.Precision(average="macro", **common),
        "recall": tm.Recall(average="macro", **common),
        "f1": tm.F1Score(average="macro", **common),
        "auc": tm.AUROC(average="macro", **common),
    }
    return MetricCollection(metrics, prefix=prefix)
