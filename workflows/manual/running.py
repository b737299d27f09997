"""Help topics about running lines: scripts, earlier sessions, failures, cached results, pipes."""

from __future__ import annotations

from typing import Final

SCRIPTS: Final = """\
A script is a text file of lines, such as `poster.inv`:

  let what = red boat
  set steps 20
  t2i a ${what} | upscale 2    # a comment
  | save boat.png

`let NAME = VALUE` sets a variable. `${NAME}` inserts its value, except inside
single quotes. A `|` or a quote in the value has no special meaning.

`invokeai run poster.inv` plans the whole script before anything runs, and shows
all errors at once. It ends with a summary: lines done, failed, skipped, already
done, images, cached results. If the script is finished and nothing has changed,
`run` says so and does nothing; --overwrite runs it again. If an earlier run is
unfinished, `run` starts over and says so; --resume continues that run.

To run a script overnight:

  invokeai run night.inv --dry-run
  invokeai run night.inv --with '--steps 4 --width 64'
  invokeai run night.inv --keep-going --retries 1 --log night.log
  invokeai run night.inv --keep-going --retries 1 --log night.log --resume

The first command finds errors, the second tries every line at low cost, the
third is the real run, and the last resumes it after Ctrl-C, a crash or a power
cut. Always use --keep-going: without it, the first failure ends the run. With
it, every line that does not depend on a failed line runs; the exit status is 3.

  --dry-run           only plan: errors, number of images, models, time
  --set NAME=VALUE    set a variable, overriding the script's `let`; if there is
                      no such variable, set the default of an input, overriding
                      the script's `set`
  --from LINE         start at this line; run an earlier line only if its
                      results are needed
  --keep-going        continue after a line that failed
  --retries COUNT     run a failed line again, up to this many times
  --max-time TIME     stop after a time such as 30m or 1h30m, once the current
                      image or loop item is finished; the exit status is 3
  --max-images COUNT  stop after this many images; the exit status is 3
  --resume            continue the script's last run. Finished results are
                      reused and failed lines run again. If the script has
                      changed, unchanged lines keep their results. A node that
                      crashes the program twice runs in a separate process; a
                      third crash quarantines it
  --resume --only failed    run only lines that failed or were skipped
  --skip-existing     skip lines whose files exist; a later line that needs
                      such an image reads the file. Images of loops, and images
                      with a running number or a random seed in their names,
                      are kept if an earlier run of the script saved them
  --with OPTIONS      try the script: set these options in each stage that has
                      them. Images are saved in the folder `trial`, and
                      --resume never mistakes a trial for the real run
  --log FILE          append lines, results, errors and the summary to a file
  --next              run only the next ready node

`invokeai - < poster.inv` also runs the script. Lines from another program, as
in `generate.py | invokeai -`, cannot be planned as a whole: each is planned and
run as it arrives. The first line that is invalid or fails ends the run; with
--keep-going, later lines still run. In a script, `run other.inv` runs another
script in the same session.

A script may begin with `# invokeai-script 1`: 1 is the level of the script
language; a version of invokeai that does not support this level refuses the
script. Images that later lines of a script use are not saved automatically,
unless `save-all` follows the level: `# invokeai-script 1 save-all`.

All lines of a script share one session: `@boat` and `@-1` refer to earlier
lines. A line ends at the newline unless a quote is open or it ends in `\\` or
`|`."""

HISTORY: Final = """\
All lines that run are recorded in sessions, with their nodes, results and
errors. Each command typed in a shell, each run of a script, and each
interactive prompt, from start to exit, is one session. Lines that are refused
are not recorded.

  sessions                    list sessions, latest first; narrow the list
                              with `sessions fox`, --failed, --since 2d or
                              --limit 20
  session show [ID]           show the lines, nodes and results of a session
  session resume ID           in a shell: run its unfinished lines. At the
                              interactive prompt: continue that session, so
                              that @3, @house and a leading | refer to it; if
                              it is the current one, run its unfinished lines
  session export ID [FILE]    write a session as JSON; `session import FILE`
                              reads it, here or on another machine
  session rm ID ...           remove sessions after confirmation; in scripts,
                              use --yes

ID is a session id, its first characters, or `latest`. Two processes may use one
session: each sees the lines that the other adds. A session cannot be removed
while a process uses it.

  history                     list the lines of all sessions, latest last;
                              narrow the list with `history 20`, --search red
                              fox or --failed
  history --save boat.inv     save the lines of this session as a script (in a
                              shell: those of the latest session). Select
                              other lines with --session ID, a number of lines
                              (`history 20 --save ...`) or --search, which
                              also includes the lines that the matching lines
                              depend on. Random seeds and inputs that were
                              `set` are written out. An existing file is
                              replaced only with --overwrite

Removing a session removes its lines from the history. Saved images are kept."""

FAILURES: Final = """\
If a node fails, only the nodes that depend on it stop: other results are kept,
and the other items of a loop continue. Fix the problem, then:

  retry            run again, with the same seeds, the failed nodes of this
                   session and the nodes that depend on them
  retry SESSION    do the same in another session; `sessions --failed` lists
                   the sessions with failed nodes

In a shell, `invokeai retry` retries the latest session.

A node that has crashed three processes is quarantined: it is not run again, so
that the other nodes can finish. `retry` runs it once more, in a process of its
own, and so does a script with `--resume --only failed`.

If memory runs out, loaded models are unloaded and the node runs again with less
memory: images in tiles, attention in slices. This takes longer, and the image
may differ slightly. A note says so; with --events, the event is `node_retried`.
If memory runs out again, the node fails with exit status 5. A model that cannot
fit is refused before it is loaded, with the same status; `explain LINE` shows
what it needs and what is free, and the error says how to allow more.

If nothing works, `invokeai doctor` checks the installation: versions, device,
folders, free disk space, models, plug-ins, and one small image. It says what to
do about each problem."""

CACHE: Final = """\
Results are cached by the content of their inputs. A cached result is not
recomputed, even in another line, session or process.

  t2i a red boat --seed 7 --no-cache | scale 2    recompute this stage
  invokeai --no-cache 't2i a red boat | scale 2'  recompute the whole line
  cache why LINE    show what would run, and which input differs
  cache             show how much is cached; `cache clear` empties the cache

A result that was computed with less memory (see `help failures`) is not cached.

A large model that has to be converted on loading, because its file has another
precision or layout, is also stored in converted form, and then loads faster.
`config set disk_limit 50GB` limits the disk space for both."""

PIPES: Final = """\
In a shell, results go from process to process:

  invokeai t2i a red house | invokeai scale 2 | invokeai save house.png

If the next process is invokeai, images, latents and the like are passed by
reference, each as soon as it exists. Only `save` and the last process of the
pipe write files. With `-q`, each process saves its images.

Any other pipe is treated like a file: the image is saved and its path printed.
So `| tee log`, `| xargs`, `| while read f` and $(...) get paths. On systems
that do not show who reads a pipe (macOS, Windows), `| invokeai` gets paths too.
`--pipe` always passes references, one JSON line per result, so that `jq -c`,
`head` or `tee` can be used in between:

  {"schema": "piped/1", "session": ..., "node": ..., "type": ..., "values": ...}

Plain values are printed as they are: `invokeai add 1 2 | invokeai mul 4` prints
12, and each line of input is one value: `ls *.png | invokeai blur 2`.

A line that lacks an input runs once for each result that arrives; a line that
begins with a command for lists (`grid`, `collect`, `length`) runs once with all
results. A complete line does not read standard input, but a line that begins
with `|` always waits for it:

  invokeai load a.png --pipe | tee >(invokeai '| flip | save b.png')

If a process fails, the processes after it exit with the same status and print
nothing."""
