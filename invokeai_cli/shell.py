"""One shell: the outside world, settings, catalog, invoker, renderer; each made when first asked for."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflows.problems import ConfigError
from workflows.settings.resolve import Config, resolve

from .environment import Environment
from .options import CommandLine
from .render.screen import Screen

if TYPE_CHECKING:
    from PIL.Image import Image

    from invocations.catalog.registry import Registry
    from invocations.invoker import Invoker
    from invocations.language.errors import Refusal
    from invocations.local import LocalServices, LocalSettings
    from invocations.values import ImageRef
    from workflows.planning.plan_line import Plan
    from workflows.settings.folders import Folders
    from workflows.workspace import ShellState

    from .render.base import Renderer


class Shell:
    """What the loop and the directives work with."""

    def __init__(self, environment: Environment, command_line: CommandLine) -> None:
        self.environment = environment
        self.command_line = command_line
        self.planned: Plan | None = None  # the line that the front door has found to be in order
        self.refusal: Refusal | None = None  # what is wrong with it unless standard input brings what it misses
        self.preview_every = 0  # steps between two looks at a picture that forms; 0: none
        self.variable_names: frozenset[str] = frozenset()  # of the script that is run
        self.open_names = False  # lines come one by one: what names they use is not known yet

    @cached_property
    def config(self) -> Config:
        """The settings. Raises: ConfigError."""
        line = self.command_line
        return resolve(self.environment.place, line.flags, line.sets) if line.flags or line.sets else self.plain_config

    @cached_property
    def plain_config(self) -> Config:
        """The settings before any flag is read. Raises: ConfigError."""
        return resolve(self.environment.place, {}, {})

    @cached_property
    def screen(self) -> Screen:
        """The two streams that are written to."""
        try:
            color, accessible = self.config.color, self.config.accessible
        except ConfigError:  # which is what will be shown
            color, accessible = "auto", False
        screen = Screen(self.environment, color=color, quiet=self.command_line.format == "quiet")
        screen.terminal = screen.terminal and not accessible  # no line that is written over
        return screen

    @cached_property
    def feeds(self) -> bool | None:
        """Whether another process of the shell's pipe reads our results; None where nobody can tell."""
        from .pipes.feeding import feeds

        return feeds(self)

    @property
    def hands_over(self) -> bool:
        """Tell whether results go to the next process by reference."""
        return self.feeds is not False

    @property
    def store(self) -> str:
        """Return by what two processes know that they keep their sessions in one place."""
        return os.path.realpath(self.plain_config.folders.data)

    @cached_property
    def renderer(self) -> Renderer:
        """The one renderer of this run."""
        return make_renderer(self)

    @cached_property
    def catalog(self) -> Registry:
        """The metadata of every command; no node is imported."""
        from invocations.catalog.registry import open_registry
        from invocations.catalog.snapshot import built_in

        from .directives import check_clash

        check_clash(built_in())
        folders = self.plain_config.folders
        nodes = (Path(folders.nodes), *map(Path, self.plain_config.nodes_dirs))
        return open_registry(nodes, Path(folders.cache))

    def options_of(self, command: str) -> list[str]:
        """Return the options, with their dashes, that a command has itself."""
        from .directives import DIRECTIVES

        if command in DIRECTIVES or not command.replace("-", "").replace("_", "").isalnum():
            return []
        spec = self.catalog.get(command)
        if spec is None:
            return []
        inputs = [f"--{field.name.replace('_', '-')}" for field in spec.inputs]
        return [*inputs, *(f"-{field.short}" for field in spec.inputs if field.short), "--no-cache"]

    def check_guests(self) -> None:
        """Warn of plug-ins and own nodes that were left out. Raises: NameClash."""
        from .directives import check_clash

        for problem in self.catalog.problems():
            self.renderer.warning(f"left out: {problem}")
        check_clash(self.catalog)

    @cached_property
    def state(self) -> ShellState:
        """What is remembered from line to line. Raises: UsageError, where `--set` names nothing."""
        from workflows.planning.variables import Variables, forced_inputs
        from workflows.workspace import ShellState

        config = self.config
        inputs = forced_inputs(config.forced, self.variable_names, self.catalog, is_open=self.open_names)
        return ShellState(config.defaults, inputs, variables=Variables(config.forced))

    @cached_property
    def invoker(self) -> Invoker:
        """The door to the framework; folders that cannot be written to are replaced by temporary ones."""
        from invocations.local import local_invoker
        from workflows.settings.folders import make_usable

        self.check_guests()
        folders, warnings = make_usable(self.config.folders)
        for warning in warnings:
            self.renderer.warning(warning)
        return local_invoker(self._local_settings(folders), registry=self.catalog, warn=self.renderer.warning)

    @cached_property
    def lookup(self) -> LocalServices:
        """Services that are only asked which models, schedulers and file names there can be: they write nothing."""
        from invocations.local import LocalServices

        return LocalServices(self._local_settings(self.config.folders))

    def services_with(self, **changed: Any) -> LocalServices:
        """Return such services as other settings would make them."""
        from dataclasses import replace

        from invocations.local import LocalServices

        return LocalServices(replace(self._local_settings(self.config.folders), **changed))

    def names(self, what: str) -> tuple[str, ...]:
        """Return the names of the models, the schedulers, the upscalers or the sessions that there are."""
        if what == "session":
            from .session_names import session_names

            return tuple(id_ for id_, _ in session_names(self))
        if what == "model":
            return tuple(model.name for model in self.lookup.models.list())
        return self.lookup.generation.schedulers() if what == "scheduler" else self.lookup.enhancement.upscalers()

    def _local_settings(self, folders: Folders) -> LocalSettings:
        from invocations.local import LocalSettings

        config = self.config
        return LocalSettings(
            data_dir=Path(folders.data),
            cache_dir=Path(folders.cache),
            output_dir=Path(config.output_dir),
            models_dirs=(Path(folders.models), *map(Path, config.models_dirs)),
            nodes_dirs=(Path(folders.nodes), *map(Path, config.nodes_dirs)),
            device=config.device,
            dtype=config.dtype,
            template=config.template,
            max_pixels=config.max_megapixels * 1_000_000,
            reuse_bytes=config.cache_gigabytes * 10**9,
            preview_every=self.preview_every,
        )

    @property
    def usual_preview(self) -> str:
        """Return how pictures are shown unless a flag says so: for a screen reader they are not."""
        wanted = self.config.preview
        return "none" if self.config.accessible and wanted == "auto" else wanted

    def close(self) -> None:
        """Write what waits to be written, and let go of files."""
        if "invoker" in self.__dict__:
            self.invoker.services.close()
            self.invoker.close()

    @property
    def state_begun(self) -> bool:
        """Tell whether there is a session that lines have joined."""
        return "state" in self.__dict__ and self.state.session_id is not None

    @property
    def session_id(self) -> str:
        """The session that lines join, made when the first one does."""
        state = self.state
        if state.session_id is None:
            state.session_id = self.invoker.create().id
        return state.session_id

    def picture(self, ref: ImageRef) -> Image:
        """Return the pixels of a picture."""
        return self.invoker.services.images.get(ref)

    def path(self, ref: ImageRef) -> str:
        """Return where a picture lies, as short as it can be said."""
        path = str(self.invoker.services.images.path(ref))
        inside = os.path.relpath(path, self.environment.folder)
        return path if inside.startswith(os.pardir) else inside


def make_renderer(shell: Shell) -> Renderer:
    """Return the renderer that the options ask for."""
    wanted, screen = shell.command_line.format, shell.screen
    if wanted in ("json", "events"):
        from .render.json_lines import EventsRenderer, JsonRenderer

        return (EventsRenderer if wanted == "events" else JsonRenderer)(screen)
    if wanted == "quiet":
        from .render.quiet import QuietRenderer

        return QuietRenderer(screen)
    from .render.human import HumanRenderer

    preview = shell.command_line.flags.get("preview", ("", ""))[1]
    if shell.hands_over:
        from .render.piped import PipedRenderer

        return PipedRenderer(
            screen,
            verbosity=shell.command_line.verbosity,
            preview=lambda: preview or shell.usual_preview,
            path=shell.path,
            store=shell.store,
            sure=shell.feeds is True,
            binary="-" in " ".join(shell.command_line.words).split(),
        )
    return HumanRenderer(
        screen,
        verbosity=shell.command_line.verbosity,
        preview=lambda: preview or shell.usual_preview,
        picture=shell.picture,
    )
