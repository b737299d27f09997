"""Help topics about results: output, the line stored in an image, graphs."""

from __future__ import annotations

from typing import Final

OUTPUT: Final = """\
Standard output carries only results: a number, a string, a list (one item per
line), the path of an image. Everything else goes to standard error.

Images without a `save` are saved under a name made from the setting `template`:
a running number, the seed, the prompt, and the name of the file that the image
was made from, if there is exactly one. `upscale 'in/*.png' 2` saves
000001-fox.png, 000002-owl.png and so on; to keep the names of the files, write
`upscale 'in/*.png' 2 | save 'out/{stem}.png'`.

  --json     one JSON document: {"schema": "result/1", "results": [...], ...}
  --events   one JSON object per line as events happen, the result last
  -q         results only
  -v, -vv    more details

In JSON, an error is {code, message, hint, span}. A terminal that can display
images also shows the results as images (--preview)."""

IMAGES: Final = """\
Every saved PNG contains the line and the graph that made it; JPEG and WebP
files contain only the settings.

  line boat.png                   print the line, including its seeds and model
  replay boat.png --set steps=40  show the plan, then run it with changes
  replay boat.png --check         run it again and compare the pixels: exit
                                  status 1 if they differ

Images from AUTOMATIC1111, Forge, SD.Next, Civitai, Fooocus, SwarmUI, NovelAI,
Draw Things, InvokeAI and ComfyUI can be read too, and so can their text and
JSON files: settings that AUTOMATIC1111 saved as text, what ComfyUI writes with
Save and Export (API), workflows and graphs from InvokeAI. Settings that have no
equivalent here are reported. If an image does not record how it was made, the
`.txt` or `.json` file with the same name next to it is read.

  line workflow.json
  line *.png > all.inv            a script with a comment before each line
  cat boat.png | invokeai line -

The line in an image comes from an untrusted file. `replay` shows it first,
leaves out every `save`, and writes to a new file in the output folder; it reads
files only with --allow-files, and never uses the network."""

REPRODUCIBILITY: Final = """\
The same line with the same seed makes the same image, to the last bit, on the
same kind of device with the same versions of the libraries. The noise is the
same on every machine; on other devices and with other versions, results usually
differ by rounding only. On a CPU, the number of threads may have this effect on
models over 64 MiB: their cached results are reused with the same number of
workers (--jobs) and the same OMP_NUM_THREADS.

  replay boat.png --check   run the line in an image again and compare the
                            pixels; notes name the libraries that have changed

--batch N, or the setting `batch`, denoises up to N images together if they
differ only in seed, prompt or initial image. This takes less time, above all on
a graphics card. Each image still has its own noise, and only rounding depends
on the batch: with the default model, no value of a pixel (0 to 255) differs by
more than 1. With --batch auto, the memory that earlier runs took decides how
many images fit; on a CPU, only models of up to 64 MiB run in batches. If memory
runs out, the batch is halved; if an image fails, the others are made without
it.

An image records the size of its batch, and --check repeats it. A cached result
is reused whatever the batch. To compute images one by one: --batch 1."""

GRAPHS: Final = """\
`graph` draws a session, or a line without running it.

  graph t2i a red house as house | scale 2 | blend --other @house

Each box is a stage. It shows the stage's number, command and name, its state,
how long it took, and its links: `1.image -> image` means that the output
`image` of stage 1 is linked to the input `image`. Links into the same stage are
drawn as one line; a line is interrupted where another crosses it.

  graph                the current session; in a shell, the latest one
  graph @house         one stage and everything that it depends on
  graph 2026           another session, by the first characters of its id
  graph --all          a box for each node of a recipe
  graph --mermaid      text for Mermaid; --dot for Graphviz

A color, a symbol and a word show the state: done, cached (from an earlier run),
running (in another process), failed, skipped (not chosen by an `if`), not run.
In a loop, a box shows how often its stage ran. If the terminal cannot display
box characters, the drawing is in ASCII."""
