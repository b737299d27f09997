"""Terminal replies are separated from typed keys, however they arrive; no key is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invokeai_cli.render import images
from invokeai_cli.render.terminal_query import QUERY, REPLY, REPLY_TIMEOUT_S, QueryFilter, protocol_of, should_query
from tests.invokeai_cli.render.test_images import world

KITTY = "\x1bP>|kitty(0.35.2)\x1b\\\x1b[?62;c"
SIXELS = "\x1bP>|XTerm(390)\x1b\\\x1b[?64;1;2;4;6;22c"
PLAIN = "\x1b[?1;2c"


class Replies:
    def __init__(self) -> None:
        self.ways: list[images.ImageProtocol] = []
        self.now = 10.0
        self.answers = QueryFilter(self.ways.append, lambda: self.now)

    def keys(self, *parts: str, pause: float = 0.0) -> str:
        typed = ""
        for part in parts:
            self.now += pause
            typed += self.answers.keys(part)
        return typed


@pytest.mark.parametrize(
    ("answer", "ways"),
    [
        (KITTY, ["kitty", "kitty"]),
        (SIXELS, ["sixel"]),
        (PLAIN, []),
        ("\x1bP>|WezTerm 20240203\x1b\\", ["iterm"]),
        ("\x1bP>|tmux 3.4\x1b\\\x1b[?1;2;4c", ["sixel"]),
        ("\x1bP>|mintty 3.7\x07", ["iterm"]),
        ("\x1b[?4c", []),  # the first number is the type of the terminal, not a feature
    ],
)
def test_a_reply_is_parsed_and_not_passed_on_as_keys(answer: str, ways: list[str]) -> None:
    replies = Replies()
    assert replies.keys(f"add {answer}1 2\r") == "add 1 2\r"
    assert replies.ways == ways


# A terminal writes a reply in one piece. If it is cut right after an escape, the rest could as well be a key.
CUTS = [
    cut for cut in range(3, len(SIXELS)) if SIXELS[cut - 1] not in "\x1b[" or SIXELS[:cut].endswith("|XTerm(390)\x1b")
]


@pytest.mark.parametrize("cut", CUTS)
def test_a_reply_that_arrives_in_two_pieces_is_parsed(cut: int) -> None:
    replies = Replies()
    assert replies.keys("a", SIXELS[:cut], SIXELS[cut:], "b") == "ab"
    assert replies.ways == ["sixel"]


KEYS = [
    "a",
    "\x1b",
    "\x1b[A",
    "\x1b[200~x\x1b[201~",
    "\x1bOP",
    "\x1b[1;5D",
    "\x1b\r",
    "\x1bP",
    "\x1b[<0;1;1M",
    "\x1b]",
    "é",
]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_passed_on_at_once(key: str) -> None:
    replies = Replies()
    assert replies.keys(key) == key
    assert replies.keys(f"{SIXELS}{key}{PLAIN}") == key


@pytest.mark.parametrize("garbage", ["\x1b[?99z", "\x1b[>1;2;3m", "\x1b[=0n", "\x1bP>|\x1b\\", "\x1b[?\r"])
def test_garbage_that_no_key_produces_is_dropped(garbage: str) -> None:
    replies = Replies()
    assert replies.keys(garbage, "ab") == ("\rab" if garbage.endswith("\r") else "ab")
    assert replies.ways == []


@pytest.mark.parametrize("unfinished", ["\x1b[?62;", "\x1bP>|XTerm"])
@pytest.mark.parametrize("pause", [0.0, REPLY_TIMEOUT_S / 3, REPLY_TIMEOUT_S * 2])
def test_keys_after_an_unfinished_reply_are_not_lost(unfinished: str, pause: float) -> None:
    replies = Replies()
    assert replies.keys(unfinished, "1", "2", "\r", "3", "4", pause=pause) == "12\r34"


@given(st.lists(st.sampled_from([*KEYS, "12", " ", "\r", KITTY, SIXELS, PLAIN]), max_size=12))
def test_keys_typed_between_replies_are_not_lost(parts: list[str]) -> None:
    replies = Replies()
    assert replies.keys("".join(parts)) == REPLY.sub("", "".join(parts))
    typed = [part for part in parts if part in KEYS or part in ("12", " ", "\r")]
    assert Replies().keys(*parts) == "".join(typed)


@pytest.mark.parametrize(
    ("variables", "choice", "asked"),
    [
        ({}, "auto", True),
        ({"TERM": "tmux-256color", "TMUX": "1"}, "auto", True),
        ({}, "blocks", False),
        ({}, "none", False),
        ({"KITTY_WINDOW_ID": "1"}, "auto", False),
        ({"TERM": "linux"}, "auto", False),
        ({"TERM": "dumb"}, "auto", False),
        ({"NO_COLOR": "1"}, "auto", False),
    ],
)
def test_only_a_terminal_that_may_support_an_image_protocol_is_queried(
    variables: dict[str, str], choice: str, asked: bool
) -> None:
    assert should_query(world(**variables), choice) is asked


def test_a_reply_is_used_if_the_environment_does_not_determine_the_protocol() -> None:
    assert images.choose(world(), reported="sixel") == "sixel"
    assert images.choose(world(), "blocks", "sixel") == "blocks"
    assert images.choose(world(KITTY_WINDOW_ID="1"), reported="sixel") == "kitty"
    assert images.choose(world(TERM="dumb"), reported="sixel") == "none"
    assert images.choose(world(terminal=False), reported="sixel") == "none"


def test_the_query_shows_nothing_and_the_name_of_the_terminal_overrides_its_attributes() -> None:
    assert REPLY.sub("", QUERY) == "\x1b[c"
    assert protocol_of("kitty(1)", "62;4") == "kitty"
    assert protocol_of("VTE(7600)", "65;1;9") is None
