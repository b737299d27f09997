"""How a script is to be run, as data: for a terminal's options, a web form or a program."""

from __future__ import annotations

from invocations.frozen import frozen


@frozen
class RunOptions:
    """How to run a script.

    again: run the script even if it is finished
    next_only: run only the next ready node
    keep_going: continue after a line that failed
    first: the number of the line to start at; earlier lines run only if later ones need their results
    resume: resume the last session of the script
    only_failed: run only the lines that failed in that session
    skip_existing: leave out lines whose files all exist
    retries: how often a line that fails is run again before it counts as failed
    max_seconds: stop after the line or the item of a loop during which this time has passed; None: no limit
    max_images: stop once this many images have been saved; None: no limit
    save_all: save images that later lines use too
    """

    again: bool = False
    next_only: bool = False
    keep_going: bool = False
    first: int = 1
    resume: bool = False
    only_failed: bool = False
    skip_existing: bool = False
    retries: int = 0
    max_seconds: float | None = None
    max_images: int | None = None
    save_all: bool = False
