"""Plan a line that is built from the values of a request as a tree; no string of a request is parsed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from workflows.importers.parameters import Imported
from workflows.importers.to_pipeline import known_model, to_pipeline
from workflows.problems import ApplicationError

if TYPE_CHECKING:
    from workflows.importers.parameters import ImportedStep
    from workflows.planning.plan import Plan
    from workflows.workspace import Workspace


IGNORED: Final = " is ignored: "  # what follows in a note on a value is why it does not fit


class BadRequestValue(ApplicationError):
    """A value of a request does not fit the input that it stands for."""

    code = "bad_value"


def planned(workspace: Workspace, steps: Sequence[ImportedStep]) -> Plan:
    """Return the plan of some steps.

    Raises: BadRequestValue; Refusal, whose places refer to the line that the steps are written as.
    """
    found = Imported("", tuple(steps))
    pipeline, notes = to_pipeline(found, workspace.catalog, usable_models(workspace), lambda _: True)
    if notes:
        raise BadRequestValue("; ".join(note.partition(IGNORED)[2] or note for note in notes))
    return workspace.plan(pipeline)


def usable_models(workspace: Workspace) -> list[str]:
    """Return the names of the models that can generate images now, the default first."""
    return [info.name for info in workspace.models.list() if info.is_usable]


def model_named(workspace: Workspace, name: str) -> str | None:
    """Return the installed model with this name, ignoring folder, suffix and case, or None."""
    return known_model(name, usable_models(workspace))
