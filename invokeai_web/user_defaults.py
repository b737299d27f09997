"""The user's defaults of inputs, which all sessions of a server share."""

from __future__ import annotations

from collections.abc import Mapping
from threading import RLock

from workflows.own_defaults import remove_default, set_default
from workflows.workspace import Workspace

from .session_workspaces import SessionWorkspaces


class UserDefaults:
    """Changes the defaults in the user's settings file; lines that are planned later use them."""

    def __init__(self, workspace: Workspace, sessions: SessionWorkspaces) -> None:
        self._workspace, self._sessions = workspace, sessions
        self.lock = RLock()

    def change(self, defaults: Mapping[str, str | None], model: str | None = None) -> None:
        """Set defaults or, if the value is None, remove them; if one of them is wrong, none is changed.

        model: the model that they are for (default: all models)
        Raises: UsageError, FileError, ConfigError.
        """
        with self.lock:
            before = self._workspace.memory.fork()
            try:
                self._apply(defaults, model, file="")
            finally:
                self._workspace.__dict__["memory"] = before
            self._apply(defaults, model, file=self._workspace.settings.folders.user_file)
            shared = self._workspace.settings.defaults
            assert isinstance(shared, dict)  # all workspaces of the server plan with this mapping
            found = dict(self._workspace.memory.defaults)
            shared.clear()
            shared.update(found)
            self._sessions.forget()

    def _apply(self, defaults: Mapping[str, str | None], model: str | None, *, file: str) -> None:
        for name, text in defaults.items():
            if text is None:
                remove_default(self._workspace, name, model, file=file)
            else:
                set_default(self._workspace, [name, text], model, file=file)
