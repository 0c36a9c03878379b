"""Maps and predictions of images: predicted, cached, checked, recorded."""
