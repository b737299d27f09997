"""The topic `keys`: the keys of the interactive prompt, and short forms such as `!!`."""

from __future__ import annotations

from typing import Final

KEYS: Final = """\
In a terminal, `invokeai` without arguments opens an interactive prompt. All
lines that you type there share one session.

  Enter          run a complete line, continue an incomplete one, or move to
                 the error; a second Enter runs the line anyway
  Alt-Enter      insert a line break
  Tab, Down      open the menu; Enter accepts the word, Escape closes the menu
  Up             recall the latest line that begins with the text typed so far
  Right          accept the gray suggestion from the history
  Ctrl-R         search the history; the letters need not be adjacent
  Ctrl-X Ctrl-E  edit the line in $VISUAL or $EDITOR
  Ctrl-C         discard the line; while a line runs, stop after the current
                 step and keep finished results; press it twice to end the
                 program
  Ctrl-D         leave the prompt, like `exit`

  !!, !3         the previous line, line 3 of this session
  ?blur, ??blur  help for `blur`, in short or with all options
  !COMMAND       run a command of your system's shell, such as `!ls`
  clear          clear the screen
  exit           leave the prompt; so do `quit`, `q`, `:q`, `bye`

Text that you type while a line runs is kept for the next prompt; Ctrl-C
discards it. A line that begins with a space is not added to the history.
`set steps 30` lasts until you leave the prompt; add --save to make it
permanent. `config set theme monokai` changes the colors. `--accessible` is for
screen readers: plain lines without animation."""
