"""The topic `keys`: the keys of the prompt, and short forms of lines."""

from __future__ import annotations

from typing import Final

KEYS: Final = """\
`invokeai` alone on a terminal opens a prompt; its lines share one session.

  Enter          run a complete line, continue an incomplete one, or move to
                 the error; pressed again, run it anyway
  Alt-Enter      new line
  Tab, Down      open the menu; Enter accepts the word, Escape closes it
  Up             the latest line that begins with what is typed
  Right          accept the grey suggestion from the history
  Ctrl-R         search the history; scattered letters match, too
  Ctrl-X Ctrl-E  edit the line in $VISUAL or $EDITOR
  Ctrl-C         cancel the line; while one runs: stop after this step and keep
                 finished results, twice ends the program
  Ctrl-D         leave, like `exit`

  !!, !3, ?blur  the previous line, line 3 of this session, help for blur

What you type while a line runs is kept for the next prompt; Ctrl-C discards it.
A line that begins with a space is not added to the history. `set steps 30`
lasts until you leave, or permanently with --save. `config set theme monokai`
changes the colors; `--accessible` is for screen readers: plain lines, nothing
moves."""
