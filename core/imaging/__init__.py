"""Image arithmetic on Pillow and numpy: geometry, filters, colors, masks, blending, measuring, files. Never torch."""
