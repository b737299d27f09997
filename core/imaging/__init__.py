"""Image operations on Pillow and numpy: geometry, filters, colors, masks, blending, comparison, files. No torch."""
