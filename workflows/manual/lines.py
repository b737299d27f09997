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
name of an output (`@NAME.output`). `@NAME*` stands for each item of a list.

  t2i a red house as sharp | blur 4 | blend @sharp

A line that begins with `|` continues the previous line. `#` begins a comment.
In a shell, quote the line or write `\\|` instead of |."""

RECIPES: Final = """\
A recipe is a line that is a command. Each `${NAME}` in it becomes an input:

  recipe save poster 't2i a poster of ${what} --seed ${seed=7} | upscale 2'
  poster a red fox --seed 8

An input has the type, range and description of the place where `${NAME}` is,
and the default after `=`; without a default, it is required if that place needs
a value. Words after the command fill the first `${NAME}` in a prompt; if no
input is part of a prompt, they fill the inputs that are written without an
option, in order.

If the line begins with `|` or with a command that needs an image, the image
is piped into the recipe: `recipe save big 'upscale 4 | sharpen'`, `big
cat.png`.

Other inputs of the stages are set with the name of the stage, as in `poster a
fox --t2i.steps 30`; the second `blur` of a recipe is `blur.2`. The command
`help poster --all` lists these options.

`recipe save fox --from @-1` saves the line of the last stage, `--from 3` the
third line of the session. `recipe list`, `show`, `edit` and `rm` list all
recipes, show one, open it in your editor and remove it. `config path` prints
the folder of the files. In a script, put the line in single quotes."""

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
