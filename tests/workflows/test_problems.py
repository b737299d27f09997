"""One function describes any known error, for people and for programs; any other error is a bug."""

from __future__ import annotations

import pytest

from invocations.language.errors import LanguageError, Refusal
from invocations.language.source import Source, Span
from invocations.services.errors import ServiceError
from workflows.problems import ConfigError, FileError, UsageError, describe

LINE = Source("poster.inv", "add 1\nad 2 | ae", 4)


def test_each_error_in_a_refused_line_is_described_with_its_position() -> None:
    errors = [
        LanguageError("unknown_command", f"no `{w}`", Span(a, b), "or so") for w, a, b in (("ad", 6, 8), ("ae", 13, 15))
    ]
    first, second = describe(Refusal(errors, LINE))
    assert first.text == "poster.inv:5:1: error: no `ad`\n  ad 2 | ae\n  ^^\n  or so"
    assert first.to_json() == {
        "code": "unknown_command", "message": "no `ad`", "hint": "or so", "span": [6, 8],
        "file": "poster.inv", "line": 5, "column": 1,
    }  # fmt: skip
    assert second.place == ("poster.inv", 5, 8)
    assert second.refused


@pytest.mark.parametrize(
    ("error", "code", "refused"),
    [
        (UsageError("no"), "usage_error", True),
        (ConfigError("no"), "config_error", True),
        (FileError("no"), "file_error", False),
        (FileNotFoundError(2, "No such file", "x"), "system_error", False),
    ],
)
def test_each_error_has_a_code_and_states_whether_anything_was_run(error: Exception, code: str, refused: bool) -> None:
    (found,) = describe(error)
    assert (found.code, found.refused) == (code, refused)


def test_an_error_raised_by_the_framework_keeps_its_code_and_hint() -> None:
    (found,) = describe(ServiceError("there is no model `x`", "known models: `default`", code="model_missing"))
    assert found.text == "error: there is no model `x`\n  known models: `default`"
    assert (found.code, found.refused) == ("model_missing", False)


def test_untrusted_text_in_an_error_has_no_control_characters() -> None:
    (found,) = describe(UsageError("a\x1b[31mb\nc", "d\x07"))
    assert found.text == "error: a\\x1b[31mb\nc\n  d\\x07"


def test_an_unexpected_error_is_not_described() -> None:
    assert describe(ZeroDivisionError("division by zero")) == []
    assert describe(KeyError("x")) == []
