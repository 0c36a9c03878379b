"""Colours of the kinds of error: Okabe and Ito's, which the colour-blind tell apart."""

from __future__ import annotations

from ocr.error_analysis import Kind

FOUND = "#009E73"
GREY = "#767676"
KIND_COLOURS: dict[Kind, str] = {
    "none": "#D55E00",
    "merged": "#CC79A7",
    "split": "#0072B2",
    "loose": "#F0E442",
    "piece": "#56B4E9",
    "ignored": GREY,
    "background": "#E69F00",
}
