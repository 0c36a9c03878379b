"""What is wrong with a labelled data set, what is in it, and what it asks of a detector."""
