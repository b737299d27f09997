"""Help topics about writing a line: the language, how inputs are linked, prompts."""

from __future__ import annotations

from typing import Final

LANGUAGE: Final = """\
A line is one or more commands separated by `|`: each command is a node of a
graph, each `|` a link.

  t2i a red house in the snow --steps 20 | upscale 2 | save house.png

Words that are not options fill a command's inputs in order; a prompt takes all
words up to the next option. After a `|`, words skip the input that receives the
piped result: `add 1 2 | mul 5` prints 15.

Quotes keep spaces and | in a value: 'a | b', "say \\"hi\\"". A quote inside a
word is an ordinary character, so `a cat's tail` needs no quotes.

`as NAME` names the result of a stage. Refer to a result by its name (`@NAME`),
by the number of its stage (`@3`, or `@-1` for the previous stage), or add the
name of an output (`@NAME.output`):

  t2i a red house as sharp | blur 4 | blend @sharp

A line that begins with `|` continues the previous line. `#` begins a comment.
In a shell, quote the line or write `\\|` instead of |."""

LINKING: Final = """\
Each input of a node is filled by the first of these that applies:

  written   a value or a reference (`@house`) in the line
  piped     the output of the previous stage, if it fits the main input
  each      an item of the list from the previous stage, if the main input takes
            a single value: the stage runs once per item, as if after `iterate`
  named     an output of the same name earlier in the line, the nearest first
  typed     the nearest stage with exactly one output of that type; only for
            required images, latents, models and the like
  set       a default that you have set (`set steps 20`)
  default   the input's default

It is an error if nothing fills a required input, or if two stages are equally
near; in the second case, write `--INPUT @STAGE.OUTPUT`. `explain LINE` shows
each link and its reason. Nothing is linked across lines unless a line begins
with `|` or refers to a result with `@`."""

PROMPTS: Final = """\
A prompt is free text: all words up to the next option. Quote it if it contains
`|` or a word that begins with two dashes.

  t2i a red house in the snow --negative tree
  t2i 'a cat | a fish' --seed 7

`as WORD` at the end of a prompt belongs to it, unless `@WORD` follows later in
the line or the script. `--as NAME` always names the result:

  t2i a man dressed as santa
  t2i --as santa a man in red | blur 4 | blend @santa

Words can be weighted, from 0 to 10: `(word)1.3`, `(two words:0.8)`, `word++`
(1.1 x 1.1), `word-` (0.9). A backslash removes the special meaning of a
character: `C\\+\\+`, `\\(1.2\\)`. `(16:9)` is not a weight. In a shell, parentheses
need quotes. A prompt may be longer than the 77 tokens that a text encoder reads
at once.

`--prompt-syntax a1111` also reads `(word)` as 1.1 and `[word]` as 1/1.1, and
starts a new chunk at `BREAK`, as AUTOMATIC1111 does; `word++` is then text.
`set prompt_syntax a1111 --save` makes it the default. Any other syntax from
other tools, such as `<lora:x:1>` or `[a:b:0.5]`, is treated as plain words, and
a warning says what to write instead."""
