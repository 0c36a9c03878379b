"""Generated receipts with exact word polygons: the project's sample data."""

from ocr.receipts.dataset import DatasetPlan, write_dataset
from ocr.receipts.render import GeneratedReceipt, generate_receipt

__all__ = ["DatasetPlan", "GeneratedReceipt", "generate_receipt", "write_dataset"]
