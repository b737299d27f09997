"""Latents: noise, pixels to latents and back, masks and previews."""
