"""Help topics about running stages several times."""

from __future__ import annotations

from typing import Final

LOOPS: Final = """\
A stage that takes one value runs once for each item of a list. These lines
print 10, 20, 30 and 40, and blur all images of a folder:

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

  load 'in/*.png' | blur 2 | collect --holes | grid"""
