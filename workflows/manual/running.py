"""Topics about running lines: scripts, earlier sessions, failures, cached results, pipes."""

from __future__ import annotations

from typing import Final

SCRIPTS: Final = """\
A script is a text file of lines, such as `poster.inv`:

  let what = red boat
  set steps 20
  t2i a ${what} as boat        # a comment
  | upscale 2 | save boat.png

`let NAME = VALUE` sets a variable. `${NAME}` inserts it in plain words and in
"...", not in '...'. A bar or a quote in its value has no special meaning.

`invokeai run poster.inv` plans the whole script before anything runs, and shows
all errors at once. It ends with a summary: lines done, failed, cached.

  --dry-run           only plan: errors, number of images, models needed
  --set NAME=VALUE    set a variable, overriding the script's `let`; any other
                      name is the default of an input, overriding `set`
  --from LINE         start at this line; earlier results are computed where
                      they are needed
  --keep-going        continue after a line that failed; the exit status is 3
  --resume            continue the script's last run after Ctrl-C, a crash or a
                      full disk. Finished results are cached, failed lines run
                      again; if the script has changed, lines are compared one
                      by one. What crashed the program twice is skipped
  --resume --only failed    run only what failed or was skipped

`invokeai - < poster.inv` does the same. `generate.py | invokeai -` cannot be
planned as a whole: each line is planned and run as it arrives. `run other.inv`
in a script runs another one in the same session.

All lines of a script share one session: `@boat` and `@-1` refer to earlier
lines. A line ends at the newline unless a quote is open or it ends in `\\` or
`|`."""

HISTORY: Final = """\
Everything that runs is recorded: the lines, nodes, results and errors of a
session. One use of the program, one script or one prompt is a session. Lines
that are refused are not recorded.

  sessions                    latest first; `sessions fox`, --failed,
                              --since 2d, --limit 20
  session show [ID]           its lines, nodes and results
  session resume ID           in the shell: run what is unfinished. At the
                              prompt: continue in that session, so that @3,
                              @house and a leading | refer to it
  session export ID [FILE]    write it as JSON; `session import FILE` reads it,
                              here or on another machine
  session rm ID ...           asks first; in scripts: --yes

ID may be the beginning of one, or `latest`. Two processes may use one session:
each sees the lines that the other adds. A session cannot be removed while a
process uses it.

  history                     the lines of all sessions, latest last;
                              `history 20`, --search red fox, --failed
  history --save boat.inv     write a script that makes the same graph: of this
                              session or the latest, of `--session ID`, of the
                              last 20 lines (`history 20 --save ...`), or of the
                              lines that --search finds and what those need.
                              Random seeds and inputs that were `set` are
                              written out. An existing file is only replaced
                              with --overwrite

Removing a session removes its lines from the history. Saved images stay."""

FAILURES: Final = """\
A failure stops only what depends on it: results of other nodes are kept, and
other items of a loop continue. Fix the problem, then:

  retry            run again only what failed in this session and what depends
                   on it, with the same seeds
  retry SESSION    in another session; `sessions --failed` lists them

In a shell, `invokeai retry` does so with the latest session.

If memory runs out, loaded models are unloaded and the node runs again in less
memory: images in tiles, attention in slices. This takes longer, and the image
is nearly the same; a note says so, and the event is `node_retried`. If that
needs too much memory as well, the node fails with exit status 5."""

CACHE: Final = """\
Results are cached by the content of their inputs and returned wherever the same
is asked for again: in another line, session or process.

  t2i a red boat --seed 7 --no-cache | scale 2    recompute this stage
  invokeai --no-cache 't2i a red boat | scale 2'  recompute the whole line
  cache why LINE    what would run, and which input differs
  cache             how much is cached; `cache clear` removes it

What was computed in less memory, because memory ran out, is not cached."""

PIPES: Final = """\
In a shell, results go from process to process:

  invokeai t2i a red house | invokeai scale 2 | invokeai save house.png

If the next process is invokeai, images, latents and the like are passed by
reference, each as soon as it exists. No file is written until a `save` does, or
at the end of the pipe.

Any other pipe is like a file: the image is saved and its path printed. So
`| tee log`, `| xargs`, `| while read f` and $(...) get paths; where the system
does not show who reads a pipe (macOS, Windows), so does invokeai. `--pipe`
always passes references, one JSON line per result, so that `jq -c`, `head` or
`tee` can be used in between:

  {"schema": "piped/1", "session": ..., "node": ..., "type": ..., "values": ...}

Plain values are printed as they are: `invokeai add 1 2 | invokeai mul 4` is 12,
and each line of input is one value: `ls *.png | invokeai blur 2`.

A line that lacks an input runs once for each result that arrives; one that
begins with a list command (`grid`, `collect`, `length`) takes all of them. A
complete line does not read standard input; one that begins with a bar always
waits for it: `invokeai load a.png --pipe | tee >(invokeai '| save b.png')`.

If a process fails, those after it exit with the same status and print nothing."""
