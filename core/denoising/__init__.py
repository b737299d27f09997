"""From noise to latents of a picture: schedulers, the request and the loop."""
