"""Image arithmetic on Pillow and numpy: geometry, filters, colours, masks, blending, measuring, files. Never torch."""
