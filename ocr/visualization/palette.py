"""Colours of Okabe and Ito, which the colour-blind tell apart."""

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
"""Of runs, in order; so many runs fit into one chart."""
BLUE, ORANGE, GREEN, PURPLE, SKY_BLUE, VERMILION, YELLOW, BLACK = COLOURS


def rgb(colour: str) -> tuple[int, int, int]:
    """`#RRGGBB` as (red, green, blue), each 0 to 255."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


MAP_COLOUR = rgb(BLUE)
"""Of a probability map that is laid over its image."""
