"""Topics about results: output, an image's own line, graphs."""

from __future__ import annotations

from typing import Final

OUTPUT: Final = """\
Standard output carries only results: a number, a text, a list (one item a
line), the path of an image. An image that no `save` writes is saved under a
name made from the template. Everything else goes to standard error.

  --json     one document: {"schema": "result/1", "results": [...], ...}
  --events   one object a line as things happen, the result last
  -q         results only
  -v, -vv    more details

Errors in JSON are {code, message, hint, span}. On a terminal that can show
images they are shown (--preview)."""

IMAGES: Final = """\
Every PNG that is saved contains the line and the graph that made it, JPEG and
WebP only the settings.

  line boat.png                   print the line, with its seeds and its model
  replay boat.png --set steps=40  show the plan, then run it with changes
  replay boat.png --check         run it again and compare the pixels: exit
                                  status 1 if they differ

Images of AUTOMATIC1111 (and of tools that write its `parameters`), InvokeAI 2
and later, and ComfyUI can be read too; each setting without a counterpart here
is reported. `line` also reads graphs in JSON files: what ComfyUI writes with
Save and Export (API), and workflows and graphs of InvokeAI.

  line workflow.json

The line in an image comes from an untrusted file. `replay` shows it first,
leaves out every `save` and writes to a new name in the output folder; it reads
files only with --allow-files, and never uses the network."""

GRAPHS: Final = """\
`graph` draws a session, or what a line would do; nothing runs.

  graph t2i a red house as house | scale 2 | blend --other @house

A box is a stage: its number, command and name, its state and how long it took,
and its links: `1.image -> image` means that the output 1.image feeds the input
image. Stages that feed the same stage share a line; a line is broken where
another crosses it.

  graph                the session, or the latest one
  graph @house         what led to one stage
  graph 2026           another session, by the beginning of its id
  graph --all          a box for each node of a recipe
  graph --mermaid      text for Mermaid; --dot for Graphviz

The state is a color, a sign and a word: done, cached (from an earlier run),
running (in another window), failed, skipped (not chosen by an `if`), not run.
A loop shows how often. If the terminal lacks these characters the drawing is
in ASCII."""
