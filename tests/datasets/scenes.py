"""Receipts' labels at full size: tilted quads, and 14-point polygons on bent paper; every seventh word is ignored."""

from synthetic.receipts import generate_receipt

SIDE = 1024


def _scene(points, curve):
    receipt = generate_receipt(
        3, points, width=SIDE, height=SIDE, regions=110, points=points, curve=curve, slant=8.0, illegible=0.0
    )
    return receipt.polygons, [index % 7 == 0 for index in range(len(receipt.polygons))]


SCENES = {"quads": _scene(4, 0.0), "14-point polygons": _scene(14, 0.6)}
