"""Denoising: the schedulers, the inputs of a run, and the loop that turns noise into the latents of an image."""
