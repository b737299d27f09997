"""The AI core: plain functions built on torch and diffusers that know nothing about nodes, sessions or terminals."""

import os

# Let threads that wait for each other yield the processor instead of spinning. On a busy machine, spinning made a small
# network thirty times slower; on an idle machine, it gains little. libgomp reads this variable only once, when torch is
# first imported, so the variable is set before any module of the core can import torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
