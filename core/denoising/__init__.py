"""From noise to the latents of an image: schedulers, inputs and loop."""
