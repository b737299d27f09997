"""Results from process to process: `invokeai t2i a fox | invokeai upscale 2 | invokeai save fox.png`."""
