"""Topics about writing a line: the language, how inputs are linked, prompts."""

from __future__ import annotations

from typing import Final

LANGUAGE: Final = """\
A line is one or more commands separated by bars: each command is a node of a
graph, each bar a link.

  t2i a red house in the snow --steps 20 | upscale 2 | save house.png

Words without a dash fill a command's inputs in order; a prompt takes all of
them up to the next option. In a pipeline they skip the input that the bar
fills: `add 1 2 | mul 5` is 15.

Quotes keep spaces and bars in a value: 'a | b', "say \\"hi\\"". A quote inside a
word is an ordinary character, so `a cat's tail` needs none.

`as NAME` names a result. `@NAME`, `@3`, `@-1` and `@NAME.output` refer to one:

  t2i a red house as sharp | blur 4 | blend @sharp

A line that begins with `|` continues the previous line. `#` begins a comment.
In a shell, quote the line or write `\\|` for a bar."""

LINKING: Final = """\
Each input of a node is filled by the first of these that applies:

  written   a value or a reference (`@house`) in the line
  piped     the output of the stage before, if it fits the main input
  named     an output of the same name earlier in the line, the nearest first
  typed     the nearest stage with exactly one output of that type; only for
            required images, latents, models and the like
  set       a default of your own (`set steps 20`)
  default   the input's default

A required input that nothing fills is an error, and so are two stages that are
equally near: write `--input @stage.output` then. `explain LINE` shows each link
and its reason. Nothing is linked across lines unless a line begins with `|` or
refers to a result with `@`."""

PROMPTS: Final = """\
A prompt is free text: all words up to the next option. Quote it if it contains
a bar or a word that begins with two dashes.

  t2i a red house in the snow --negative tree
  t2i 'a cat | a fish' --seed 7

Words can be weighted, from 0 to 10: `(word)1.3`, `(two words:0.8)`, `word++`
(1.1 x 1.1), `word-` (0.9). A backslash makes a sign text: `C\\+\\+`, `\\(1.2\\)`.
In a shell, parentheses need quotes. `(16:9)` is text. A prompt may be longer
than the 77 tokens that a text encoder reads at once.

`--prompt-syntax a1111` also reads `(word)` as 1.1 and `[word]` as 1/1.1, and
starts a new chunk at `BREAK`, as AUTOMATIC1111 does; then `word++` is text.
`set prompt_syntax a1111 --save` makes it the default. Anything else of other
tools, such as `<lora:x:1>` or `[a:b:0.5]`, is drawn as words, and a warning
says what to write instead."""
