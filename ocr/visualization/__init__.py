"""For people: polygons drawn on images, scores as tables and charts."""
