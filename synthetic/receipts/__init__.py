"""Generated receipts with exact word polygons: the project's sample data."""

from synthetic.receipts.dataset import DatasetPlan, write_dataset
from synthetic.receipts.render import GeneratedImage, generate_receipt

__all__ = ["DatasetPlan", "GeneratedImage", "generate_receipt", "write_dataset"]
