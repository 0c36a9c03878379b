"""Maps and predictions of pictures: predicted, cached, checked, recorded."""
