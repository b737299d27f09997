"""The help topic about using the whole machine: batches, several processes, the warm engine."""

from __future__ import annotations

from typing import Final

PERFORMANCE: Final = """\
A line runs in the program's own process, one node after another; only images of
a sweep with a small model are denoised side by side on a CPU. (A node is one
step of a line, such as `noise` or `denoise`; `explain LINE` lists them.) Three
features use more of the machine:

  --batch 4    for several images of one line on one device: denoise up to 4 of
               them together
  --jobs 2     for many images on several graphics cards or processors: run
               nodes in 2 worker processes, each with its own copy of the model
  engine       for many separate commands: a process in the background keeps the
               model loaded

  invokeai --batch 4 't2i a red house --seed 1..8'
  invokeai --jobs 2 run night.inv
  invokeai config set engine on

Another machine can run the nodes, too: start `invokeai serve` there, and add
--on HOST to a command here, with the server's token in INVOKEAI_TOKEN. Files
are read and saved here.

`auto` chooses the number: with --batch, as many images as memory allows; with
--jobs, one worker for each graphics card. The settings `batch`, `jobs` and
`engine` apply to all commands. --batch and --jobs can be combined; the engine
is not used with either. Results are the same, except that images of a batch
differ by rounding (`help reproducibility`).

`stats` shows which worker or engine ran a node. waiting: how long the node was
ready, but the worker was busy or still starting. loading: how long it loaded a
model, which is part of its time. batch: how many images ran together. Workers
run at the same time, so their times add up to more than the time of the lines.

If memory runs out, use fewer jobs or a smaller batch. If a worker or the engine
crashes, its node runs again elsewhere; a node that crashes three processes is
quarantined (`help failures`). `-v` says why the engine is not used, and `engine
log` shows its errors."""
