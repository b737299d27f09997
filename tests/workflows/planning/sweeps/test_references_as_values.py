"""References among the values of a sweep: the hint states how to write them."""

from __future__ import annotations

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace

CASES = (  # a line, the message, the marked words, the hint, and the line after the hint was followed
    (
        "range 1 4 as n | t2i a --seed @n*,5",
        "`@n*,5` is not a reference",
        "@n*,5",
        "a reference must be the only value: --seed @n*",
        "range 1 4 as n | t2i a --seed @n*",
    ),
    (
        "range 1 4 as n | t2i a --seed 5,@n*",
        "`seed` takes a whole number, not `@n*`",
        "@n*",
        "a reference must be the only value: --seed @n*",
        "range 1 4 as n | t2i a --seed @n*",
    ),
    (
        "range 1 4 as n | t2i a --seed @n* --seed 5",
        "`@n*` must be the only value of `seed`",
        "@n*",
        "write --seed @n*",
        "range 1 4 as n | t2i a --seed @n*",
    ),
    (
        "range 1 4 as n | t2i a --seed @n --seed 5",
        "`@1.collection` produces a list of int, but `seed` of `t2i` takes an int",
        "@n",
        "write @n* as the only value to run `t2i` once for each item",
        "range 1 4 as n | t2i a --seed @n*",
    ),
    (
        "add 1 2 as n | mul 3 as m | t2i a --seed @n,@m",
        "`@n,@m` is not a reference",
        "@n,@m",
        "write the option again before each reference: --seed @n --seed @m",
        "add 1 2 as n | mul 3 as m | t2i a --seed @n --seed @m",
    ),
    (
        "t2i a --as a | blur 2 as b | grid --images @a,@b",
        "`@a,@b` is not a reference",
        "@a,@b",
        "write the option again before each reference: --images @a --images @b",
        "t2i a --as a | blur 2 as b | grid --images @a --images @b",
    ),
    (
        "range 1 4 as n | sweep seed=@n* | t2i a",
        "`sweep` must be the first stage of a line",
        "sweep",
        "it takes no references; write it in the stage that uses it: t2i --seed @n*",
        "range 1 4 as n | t2i a --seed @n*",
    ),
)


@pytest.mark.parametrize(("line", "message", "marked", "hint", "mended"), CASES, ids=[case[0] for case in CASES])
def test_the_error_for_a_reference_among_values_states_what_to_write(
    workspace: Workspace, line: str, message: str, marked: str, hint: str, mended: str
) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    (error,) = caught.value.errors
    assert (error.message, line[error.span.start : error.span.end], error.hint) == (message, marked, hint)
    assert workspace.plan(mended).nodes
