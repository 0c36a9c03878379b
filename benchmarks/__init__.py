"""How fast each part is, beside the published algorithm and an installable peer: one script per item."""
