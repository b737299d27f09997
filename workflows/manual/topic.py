"""What `help past` says."""

from __future__ import annotations

PAST = """\
All that runs is kept: lines, nodes, results and errors of a session, which is
one use of the program, one script or one prompt. A refused line is not in it.

  sessions                    the latest first; `sessions fox`, --failed,
                              --since 2d, --limit 20
  session show [ID]           its lines, nodes and what they gave
  session resume ID           in the shell: run what is unfinished. At the
                              prompt: the session becomes the prompt's, so that
                              @3, @house and a leading | refer to it
  session export ID [FILE]    as JSON; `session import FILE` reads it, here or
                              on another machine
  session rm ID ...           asks first; in scripts: --yes

ID may be the beginning of one, or `latest`. Two processes may work in one
session: each sees what the other adds from line to line. It is not removed
while a process works in it.

  history                     the lines of all sessions, the latest last;
                              `history 20`, --search red fox, --failed
  history --save boat.inv     a script that makes the same graph: of this
                              session or the latest, of `--session ID`, of the
                              last 20 (`history 20 --save ...`), or of what
                              --search finds, with the lines that those need.
                              Seeds that were drawn and inputs that were `set`
                              are written out; no file is replaced without
                              --overwrite

Removing a session takes its lines out of the history. Saved pictures stay."""
