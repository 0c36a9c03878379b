"""Labels of other tools: each format in a file, behind one interface."""
