"""The AI core: torch and diffusers behind plain functions; knows nothing of nodes, sessions or screens."""

import os

# Threads of one computation that wait for each other give their processor back instead of spinning. On a machine that
# is busy with something else, spinning made a small network thirty times as slow; on an idle one it gains little.
# libgomp reads this once, when torch is first imported, so it is said before anything here can import it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
