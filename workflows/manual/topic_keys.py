"""The topic `keys`: what keys do at the prompt, and the short ways to say a line there."""

from __future__ import annotations

from typing import Final

KEYS: Final = """\
`invokeai` alone on a terminal is a prompt; its lines share one session.

  Enter          run a complete line, go on with an incomplete one, move to
                 what is wrong; once more runs it all the same
  Alt-Enter      one more line
  Tab, Down      into the menu; Enter takes the word, Escape closes it
  Up             the latest line that begins with what is typed
  Right          take the grey rest of a line that was typed before
  Ctrl-R         search the lines that were typed, also by scattered letters
  Ctrl-X Ctrl-E  the line in $VISUAL or $EDITOR
  Ctrl-C         give the line up; while one runs: stop after this step and
                 keep what is finished, twice ends the program
  Ctrl-D         leave, as `exit` does

  !!, !3, ?blur  the line before, line 3 of this session, help for blur

What is typed while a line runs is kept for the next prompt; Ctrl-C drops it. A
line that begins with a blank is not remembered. `set steps 30` holds for the
lines to come, and with --save from now on. `config set theme monokai` gives
other colours; `--accessible` is for a screen reader: plain lines, nothing
moves."""
