"""Help topics about running stages several times: sweeps, loops over lists, and prompt templates."""

from __future__ import annotations

from typing import Final

SWEEPS: Final = """\
If an input gets several values, the stage runs once for each, and so do the
stages after it. This is a sweep, and the input is an axis:

  t2i a red boat --seed 1..8 | grid
  t2i a red boat --steps 10,20,30 --guidance 3..9:2 | grid | save xy.png

Axes multiply: the second line makes 3 x 4 = 12 images and saves one sheet. The
first axis in the line varies slowest.

  --steps 10,20,30        numbers, schedulers, models and other choices, with
                          commas between them
  --seed 1..8             all integers from 1 to 8; 8..1:-1 counts down
  --guidance 3..9:2       from 3 to 9 in steps of 2: 3, 5, 7, 9
  --guidance 2..8/4       4 evenly spaced numbers: 2, 4, 6, 8
  --guidance 2..12?6      6 random numbers between 2 and 12
  --seed 4x               4 random seeds
  --tiled=yes,no          both values of a switch
  --negative blur --negative dark
                          strings, colors and images: repeat the option
  blur a.png b.png 2,4    images, also as a pattern such as 'in/*.png'
  t2i @p*                 each item of the list `p`
  --vary red=blue,green   the prompt as it is, then with `blue` and with `green`
                          in place of `red`; the axis is named `red`
  --vary red=,blue        the prompt as it is, without `red`, and with `blue`
  --dynamic               a prompt for each alternative: see `help wildcards`

A prompt keeps its commas and ranges: `t2i cats, dogs` is one prompt.

  t2i a red house --vary red=blue,green --vary house=boat,tree | grid
  t2i --prompt "a cat" --prompt "a boat, at night" --seed 1..3 | grid

To let axes advance together instead of multiplying them, name them after --zip.
They must be equally long; --zip-short seed,steps cuts the longer ones:

  t2i a red boat --seed 1,2,3 --steps 10,20,30 --zip seed,steps | grid

Axes for the whole line

`sweep` at the start of a line declares axes for all its stages: every input
with the name of an axis takes its values. Quote values that contain commas, and
separate them by spaces:

  sweep seed=1..4 strength=.3,.5,.7 | t2i a boat | i2i a castle | grid
  sweep prompt="a cat" "a boat, at night" seed=1,2 | t2i | grid
  sweep seed=1,2,3 steps=10,20,30 --zip seed,steps | t2i a red boat | grid
  sweep jobs.csv | t2i | save "{axis.name}.png"

The columns of a CSV, TSV or JSONL file are axes that advance together, one item
per row. Options of `sweep`:

  --zip seed,steps                     let these names advance together
  --zip-short seed,steps               the same; cut the longer ones
  --where "steps < 30 or seed == 1"    keep the items for which this is true
  --sample 20                          keep 20 items, chosen at random
  --limit 20                           keep the first 20 items

Results

Each image is saved when it is finished. A file name can contain the values:

  {seed} {steps} {prompt}   the settings of the image
  {axis.steps}              the value on an axis
  {row} {col}               the positions on the last two axes, from 1; with a
                            single axis, such as the rows of a table, {col} is
                            the position and {row} is 1
  {axis.image} {stem}       the name of the loaded file
  {index}                   the next free number

A stage that takes a list, such as `grid`, gets the results of the whole sweep.
`grid` puts the last axis across and the one before it down, and draws a sheet
for each value of any other axis; `grid --rows seed --columns steps` chooses the
axes. If two stages have an axis `steps`, they are `t2i.steps` and `i2i.steps`.
`collect --by radius` gathers the results along one axis only, here for three
sheets, each with its seed as the title:

  t2i a red boat --seed 1..3 | blur 0,2,4 | collect --by radius | grid

`line IMAGE` prints a line that makes this one image again. For a sheet, and
for any image with `line IMAGE --sweep`, it prints the whole line, including
the seeds that were picked.

If an item fails, the others continue, and the exit status is 3. A file that
cannot be read is one failed item if a pattern such as 'in/*.png' finds it; if
its name is written in the line or in a table, the line is refused. A sheet has
a crossed cell for each failed item. `retry` runs the failed items and draws the
sheet again. If you make an axis longer, only the new images are computed.

In a shell, `retry` and `session resume latest` look at the latest session. If
it has nothing to run, they name the newest session that has, and the line to
type, such as `retry ID`.

A stage that takes all files as one list, as in `load 'in/*.png' | grid`, needs
all of them. After Ctrl-C, `session resume ID` continues with the images that
are missing; the message after Ctrl-C contains this line with the ID.

`explain LINE` shows what would run: the number of images and, if it is known,
the time. The program asks before it runs a sweep with more than 256 items; in a
script, such a sweep needs `--yes` or `--max-items N`. If the items can only be
counted while the line runs, the program asks at that time, as in
`load-lines prompts.txt as p | t2i @p* --seed 1..4`."""

LOOPS: Final = """\
A stage that takes one value runs once for each item of a list. These lines
print 10, 20, 30 and 40, and blur all images in a folder:

  range 1 5 | mul 10
  load 'in/*.png' | blur 2 | save "out/{stem}.png"

`range`, `linspace`, `list`, `split`, `load`, `load-lines`, `slice`, `sort` and
`zip` return lists. `range 1 5` ends with 4; `range 5 0 -1` counts down.

`iterate` names the item, so any later stage can use it; `@n*` stands for each
item of the list `n` without `iterate`. `collect` ends the loop and returns the
list of results, in the order of the items:

  range 1 5 | iterate as n | t2i a yellow star --seed @n | collect | grid
  range 1 5 as n | t2i a yellow star --seed @n* | collect | grid
  list red green | iterate as c | format "a {} house" | collect | join ", "

In a loop inside a loop, `collect` ends the inner loop, and a second `collect`
the outer loop. Two loops multiply if neither depends on the other: this line
prints the lists [11, 21, 31] and [12, 22, 32].

  list 1 2 | iterate as a | list 10 20 30 | iterate as b |
    add --a @a --b @b | collect | collect

`--axis` names a loop, and `collect --by` ends the loops with these names. This
line prints `11, 12`, then `21, 22`, then `31, 32`:

  list 1 2 | iterate --axis a as a | list 10 20 30 | iterate --axis b as b |
    add --a @a --b @b | collect --by a | join ", "

For two lists of equal length, `zip` makes one list of pairs:

  zip 1,2 red,green | iterate | format "{}" | collect

`if` chooses a value for each item; only the chosen branch runs:

  range 1 5 | iterate as n | compare-numbers ge 3 | if big small

In a loop, each image is saved as soon as it is finished. If an item fails, the
other items continue, but a `collect` after it does not run. `retry` runs the
failed items again, and then the `collect`. `collect --holes` runs at once: its
list has an empty place for each failed item, which `grid` marks and `retry`
fills:

  load 'in/*.png' | blur 2 | collect --holes | grid

A sweep is a shorter way to write a loop: `t2i a star --seed 1..4 | grid`. See
`help sweeps`."""

WILDCARDS: Final = """\
With --dynamic, a prompt is a template: the stage runs once for each prompt that
it stands for. The syntax is that of Dynamic Prompts:

  t2i "a {red|blue} {house|boat}" --dynamic | grid

This line makes four images. Quote the prompt: otherwise, `|` ends the stage.

  --dynamic            all prompts
  --dynamic=20         20 random prompts, which may repeat; the same --seed
                       draws the same prompts (if there are several seeds,
                       the first is used)
  --wildcards DIR      a folder of wildcard files; the setting `wildcards_dirs`
                       lists folders that are always searched

  {a|b}                one of the alternatives
  {a|}                 `a` or nothing
  {2$$a|b|c}           two different alternatives, separated by a comma
  {2$$ and $$a|b|c}    two different alternatives, separated by ` and `
  {1-2$$a|b|c}         one or two; {1-$$...}: one or more
  {3::a|b}             in random prompts, `a` is three times as frequent as `b`
  {a {small|big} x|b}  groups may be nested
  __thing__            a line of the wildcard file `thing.txt`
  __animals/cats__     a line of `animals/cats.txt`
  __animals/*__        a line of any file that matches
  ${c={red|blue}} a ${c} house with a ${c} roof
                       a variable: each use chooses again; with ${c=!{red|blue}}
                       all uses are the same
  ${c:red}             `red` if the variable has no value
  # ...                a comment, up to the end of the line
  \\{                   a brace; without --dynamic, braces are plain text

A wildcard file contains one value per line; empty lines and lines that begin
with # are ignored. Values may contain groups and wildcards. A YAML or JSON file
contains lists, named by their keys: the list `hats` under the key `clothes` is
__clothes/hats__, whatever the name of the file. `3::red` in such a list
makes `red` three times as frequent.

  t2i "a {red|blue} __thing__" --dynamic=20 --wildcards words | grid

The prompts are an axis of a sweep: `grid` labels the images with them, and
`save "{prompt}.png"` names the files. See `help sweeps`.

`dynamic` returns the prompts as a list, which several stages can use; it also
expands the templates in a file:

  dynamic "a {red|blue} house" as p | t2i @p* | grid
  load-lines prompts.txt | dynamic | t2i --seed 7
  dynamic "a {red|blue} house" --random --count 3 --seed 7 | join ", "

In a script, put single quotes around a template with variables: `${c}` is
otherwise a variable of the script."""
