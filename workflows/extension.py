"""Turn a planned line into an extension of a session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invocations.sessions.session import Extension

    from .planning.plan import Additions, Plan


def extension_of(plan: Plan, added: Additions) -> Extension:
    """Return what a line adds to a session, including the nodes that save its images."""
    extension = plan.extension(source=place_of(plan))
    return replace(extension, nodes=extension.nodes + added.nodes, edges=extension.edges + added.edges)


def place_of(plan: Plan) -> str:
    """Return the script and line number of a plan as `poster.inv:3`, or "" for a typed line."""
    source = plan.source
    return f"{source.name}:{source.first_line}" if source.name else ""
