"""A planner for tests, which plans lines one after another with the catalog in `kitchen.py`."""

from __future__ import annotations

import pytest

from invocations.language.errors import Refusal
from invocations.language.source import Source
from tests.workflows.planning.kitchen import CATALOG
from workflows.planning.plan_line import Plan, analyze_line
from workflows.planning.scope import IsFile, Scope, no_file


class Cook:
    """Plans lines one after another, like a session; a refused line changes nothing."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.defaults: dict[str, str] = {}
        self.catalog = CATALOG
        self.is_file: IsFile = no_file

    def __call__(self, line: str, *, name: str | None = None) -> Plan:
        source = Source(name, line)
        analysis = analyze_line(
            source,
            catalog=self.catalog,
            scope=self.scope,
            defaults=self.defaults,
            directives=("help", "history"),
            is_file=self.is_file,
        )
        made = analysis.require_plan(source)
        self.scope.add(made.stage_outputs)
        return made

    def refusal(self, line: str, *, name: str | None = None) -> str:
        """Return the complete error message for a refused line."""
        with pytest.raises(Refusal) as caught:
            self(line, name=name)
        return str(caught.value)

    def codes(self, line: str) -> list[str]:
        """Return the codes of all errors in a refused line."""
        with pytest.raises(Refusal) as caught:
            self(line)
        return [error.code for error in caught.value.errors]
