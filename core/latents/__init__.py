"""Latents: noise, encoding, decoding, masks and previews."""
