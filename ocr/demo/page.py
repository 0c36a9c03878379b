"""The page of the demo: an image dropped, sliders for how its map is read, and the boxes at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ocr.demo.session import Opened, draw, open_image, typed_settings
from ocr.detection import Detector

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # or Gradio reports to its makers when it is imported
try:
    import gradio as gr
except ImportError as error:
    raise ValueError("the demo needs Gradio, which is not installed: pip install -e .[demo]") from error

TITLE = "Text detection"
INVITATION = "Drop an image, or choose one below."
KEPT, SWEEP = 3600, 60
"""Seconds for which an image, its map and the files of both are kept, and after which Gradio looks for older files."""
READ_BY = {"exact": "shrink_ratio", "ratio": "unclip_ratio"}
"""Which slider each way to unclip reads."""
SERVED: dict[str, Any] = {
    "share": False,  # by Gradio's makers, to the world
    "footer_links": [],
    "ssr_mode": False,
    "theme": gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
}
"""For `Blocks.launch`. Fonts are those of the system: the default theme's come from another host."""


def build_page(detector: Detector, examples: Sequence[Path] = ()) -> gr.Blocks:
    """The page; `launch(**SERVED)` serves it.

    An image is predicted once, when it is dropped. Each person's map is kept on the server, and every move of a
    slider reads it again.

    Args:
        detector: its own settings are those that the sliders start at.
        examples: images to click on.
    """
    own = detector.metadata.reading.settings
    gr.set_static_paths(list(examples))  # or Gradio would offer copies, and delete them like what people drop
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(SWEEP, KEPT)) as page:
        kept = gr.State(None, time_to_live=KEPT)
        with gr.Row():
            with gr.Column(scale=1, min_width=280):
                file = gr.File(label="Image", height=120, elem_id="file")
                if examples:
                    gr.Examples([[str(path)] for path in examples], [file], label="Examples")
                inputs = _settings(own)
                show_map = gr.Checkbox(value=False, label="probability map", elem_id="show_map")
            with gr.Column(scale=3):
                with gr.Row():
                    line = gr.Textbox(INVITATION, label="found", interactive=False, max_lines=3, elem_id="line")
                    typed = gr.Textbox(label="the same for predict.py", interactive=False, max_lines=3, elem_id="typed")
                image = gr.Image(show_label=False, interactive=False, format="jpeg", buttons=[], elem_id="boxes")
        names = list(inputs)
        values = [*inputs.values(), show_map]

        def redraw(opened: Opened | None, *chosen: object) -> tuple[Any, str, str]:
            if opened is None:
                return None, INVITATION, ""
            given = {name: value for name, value in zip(names, chosen[:-1], strict=True) if value is not None}
            settings = {name: given.get(name, own[name]) for name in names}  # a field may be empty while one types
            settings.pop(READ_BY["ratio" if settings["unclip"] == "exact" else "exact"])
            drawn = draw(opened, settings, show_map=bool(chosen[-1]))
            return drawn.image, drawn.line, typed_settings(opened, settings)

        def open_and_draw(path: str | None, *chosen: object) -> tuple[Opened | None, Any, str, str]:
            try:
                opened = None if path is None else open_image(detector, Path(path))
            except ValueError as error:
                return None, None, str(error), ""
            return opened, *redraw(opened, *chosen)

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        file.change(open_and_draw, [file, *values], [kept, image, line, typed], api_visibility="private")
        moved = [part.input for part in values]
        gr.on(moved, redraw, [kept, *values], [image, line, typed], trigger_mode="always_last", **quiet)
        inputs["unclip"].input(
            lambda chosen: [gr.update(visible=chosen == way) for way in READ_BY],
            inputs["unclip"],
            [inputs[name] for name in READ_BY.values()],
            **quiet,
        )
    return page


def _settings(own: dict[str, Any]) -> dict[str, Any]:
    """The controls by the names of their settings."""

    def slider(name: str, low: float, high: float, info: str, *, visible: bool = True) -> gr.Slider:
        return gr.Slider(low, high, own[name], step=0.01, label=name, info=info, elem_id=name, visible=visible)

    def choice(name: str, choices: Sequence[str], info: str) -> gr.Radio:
        return gr.Radio(choices, value=own[name], label=name, info=info, elem_id=name)

    is_exact = own["unclip"] == "exact"
    return {
        "thresh": slider("thresh", 0, 1, "pixels above it belong to words"),
        "box_thresh": slider("box_thresh", 0, 1, "words of a lower score are dropped"),
        "unclip": choice("unclip", list(READ_BY), "how far a region's border moves out"),
        "shrink_ratio": slider("shrink_ratio", 0.1, 1, "smaller: further out", visible=is_exact),
        "unclip_ratio": slider("unclip_ratio", 0, 4, "larger: further out", visible=not is_exact),
        "mode": choice("mode", ["polygon", "quad"], "follow the region, or its rectangle"),
    }
