"""One shell: environment, settings, screen, renderer and workspace, each created when it is first used."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from workflows.problems import ConfigError
from workflows.settings.resolve import Config, resolve

from .environment import Environment
from .options import CommandLine
from .render.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from workflows.workspace import Workspace

    from .render.base import Renderer

    ReadsResults = Callable[[CommandLine, Environment], bool | None]


class Shell:
    """The objects that the loop and the directives work with, as properties."""

    def __init__(
        self, environment: Environment, command_line: CommandLine, reads_results: ReadsResults = lambda *_: None
    ) -> None:
        self.environment = environment
        self.command_line = command_line
        self._reads_results = reads_results

    @cached_property
    def config(self) -> Config:
        """The settings. Raises: ConfigError."""
        line = self.command_line
        return resolve(self.environment.place, line.flags, line.sets) if line.flags or line.sets else self.plain_config

    @cached_property
    def plain_config(self) -> Config:
        """The settings without the command-line options. Raises: ConfigError."""
        return resolve(self.environment.place, {}, {})

    @cached_property
    def screen(self) -> Screen:
        """Standard output and standard error."""
        try:
            color, accessible = self.config.color, self.config.accessible
        except ConfigError:  # the error is reported later; the default is used until then
            color, accessible = "auto", False
        screen = Screen(self.environment, color=color, quiet=self.command_line.format == "quiet")
        screen.terminal, screen.accessible = screen.terminal and not accessible, accessible
        return screen

    @cached_property
    def reads_results(self) -> bool | None:
        """Whether another process of this program reads our results; None if they are not written to a pipe."""
        return self._reads_results(self.command_line, self.environment)

    @property
    def passes_references(self) -> bool:
        """Whether results are passed to the next process by reference; otherwise images are saved and paths printed."""
        return self.reads_results is True

    @property
    def store(self) -> str:
        """Identifies the session store; equal for processes that share it."""
        return os.path.realpath(self.plain_config.folders.data)

    @cached_property
    def renderer(self) -> Renderer:
        """The only renderer for this run."""
        return make_renderer(self)

    @cached_property
    def workspace(self) -> Workspace:
        """The catalog, the session and everything else that lines need. Raises: ConfigError."""
        from invocations.catalog.registry import open_registry
        from workflows.workspace import Workspace

        from .directives.table import RESERVED

        folders = self.plain_config.folders
        nodes = (folders.nodes, *self.plain_config.nodes_dirs)
        workspace = Workspace(
            lambda: self.config,
            catalog=open_registry(nodes, folders.cache),
            folder=self.environment.folder,
            reserved=RESERVED,
            warn=lambda text: self.renderer.warning(text),
            saves_images=lambda: not self.passes_references,
            token=lambda: self.environment.variable("INVOKEAI_TOKEN"),
        )
        workspace.asks = all(map(self.environment.is_terminal, (self.environment.stdin, self.environment.stderr)))
        return workspace

    def options_of(self, command: str) -> list[str]:
        """Return a command's own options, with their dashes."""
        from .directives.table import OWN_OPTIONS

        if command in OWN_OPTIONS:
            return OWN_OPTIONS[command]
        if command.startswith("__") or not command.replace("-", "").replace("_", "").isalnum():
            return []
        spec = self.workspace.catalog.get(command)
        if spec is None:
            return []
        inputs = [f"--{field.name.replace('_', '-')}" for field in spec.inputs]
        return [*inputs, *(f"-{field.short}" for field in spec.inputs if field.short), "--no-cache"]

    def latest_sessions(self) -> tuple[tuple[str, str], ...]:
        """Return the ids and first lines of the latest sessions."""
        from invocations.storing.latest import latest_sessions

        return latest_sessions(self.plain_config.folders.data)

    def names(self, what: str) -> tuple[str, ...]:
        """Return the names of the available models, schedulers, upscalers or sessions."""
        if what == "session":
            return tuple(id_ for id_, _ in self.latest_sessions())
        from invocations.errors import InvocationError

        with suppress(InvocationError):  # a server that cannot be reached is reported when a line runs
            return self.workspace.names(what)
        return ()

    @property
    def default_preview(self) -> str:
        """How images are shown without `--preview`; for screen readers, they are not shown."""
        wanted = self.config.preview
        return "none" if self.config.accessible and wanted == "auto" else wanted

    def has_role(self, type_: str, role: str) -> bool:
        """Return True if the nodes of a type have a role, such as showing or saving images."""
        from invocations.catalog.roles import roles_of

        return role in roles_of(self.workspace.catalog, type_)

    def unit(self, type_: str) -> str:
        """Return the unit in which progress counts the results of a node of this type: "image" or "item"."""
        outputs = self.workspace.catalog[type_].outputs
        return "image" if any(output.type.is_reference for output in outputs) else "item"

    def close(self, *, at_once: bool = False) -> None:
        """Write what is still pending and close all files. at_once: stop writing converted copies of models"""
        if "workspace" in self.__dict__:
            if self.workspace.is_writing and not at_once:
                self.renderer.note("writing a converted copy of the model, which loads faster; Ctrl-C skips this")
            self.workspace.close(at_once=at_once)


def make_renderer(shell: Shell) -> Renderer:
    """Return the renderer that the options select."""
    wanted, screen = shell.command_line.format, shell.screen
    if wanted in ("json", "events"):
        from .render.json_lines import EventsRenderer, JsonRenderer

        return (EventsRenderer if wanted == "events" else JsonRenderer)(screen)
    if wanted == "quiet":
        from .render.quiet import QuietRenderer

        return QuietRenderer(screen)
    from .render.human import HumanRenderer

    preview = shell.command_line.flags.get("preview", ("", ""))[1]
    if shell.reads_results is not None:
        from .render.piped import PipedRenderer

        return PipedRenderer(
            screen,
            verbosity=shell.command_line.verbosity,
            preview=lambda: preview or shell.default_preview,
            path=lambda ref: shell.workspace.path(ref),
            store=shell.store,
            passes_references=shell.passes_references,
            all_records=wanted == "pipe",
            binary=wanted == "pipe" and "-" in " ".join(shell.command_line.words).split(),
            saves=lambda type_: shell.has_role(type_, "saves"),
            unit=shell.unit,
        )
    return HumanRenderer(
        screen,
        verbosity=shell.command_line.verbosity,
        preview=lambda: preview or shell.default_preview,
        read_image=lambda ref: shell.workspace.image(ref),
        shows=lambda type_: shell.has_role(type_, "shows"),
        unit=shell.unit,
    )


def agreed(shell: Shell, question: str) -> bool:
    """Ask a question on the terminal; return True if the answer is yes."""
    assert shell.environment.stdin is not None
    with shell.environment.answering():
        shell.screen.raw(f"{question} [y/N] ")
        return shell.environment.stdin.readline().strip().lower() in ("y", "yes")
