"""The colours of charts and overlays."""

from ocr.visualization.palette import BLUE, COLOURS, rgb


def test_a_colour_of_a_chart_is_one_of_pixels():
    assert rgb(BLUE) == (0, 114, 178)  # 0x00, 0x72, 0xB2
    assert len(set(map(rgb, COLOURS))) == 8
