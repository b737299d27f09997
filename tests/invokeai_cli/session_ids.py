"""A helper that lists the ids of sessions."""

from __future__ import annotations

from tests.invokeai_cli.conftest import TypeLine


def session_ids(type_: TypeLine, *words: str) -> list[str]:
    """Return the ids that `sessions` lists when called with the given words, latest first."""
    return [each["id"] for each in type_("sessions", *words, "--json").document["sessions"]]
