"""From noise to the latents of an image: schedulers, request and loop."""
