"""The AI core: torch and diffusers as plain functions; knows nothing of nodes, sessions or terminals."""

import os

# Let threads that wait for each other yield the processor instead of spinning. On a busy machine spinning made a small
# network thirty times slower; on an idle one it gains little. libgomp reads this once, when torch is first imported,
# so it is set before anything here can import torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
