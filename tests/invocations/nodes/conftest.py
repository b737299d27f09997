"""Contexts for nodes: one with services in a temporary folder, and one for nodes that need no services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invocations.catalog.registry import open_registry
from invocations.context import InvocationContext, Record
from invocations.services.enhancement.local import LocalEnhancement
from invocations.services.files.local import LocalFiles
from invocations.services.generation.local import LocalGeneration
from invocations.services.images.local import LocalImages
from invocations.services.models.local import LocalModels
from invocations.services.tensors.local import LocalTensors
from invocations.values import ImageRef

Run = Callable[..., Any]


class Context(InvocationContext):
    """Records what nodes report: facts, messages and steps."""

    def __init__(self, root: Path) -> None:
        self.session_id, self.node_id, self.seed = "session", "3", 11
        self.sent = BytesIO()
        self._root = root
        self._images = LocalImages(root / "images", root / "out", stdin=BytesIO, stdout=lambda: self.sent)
        self._tensors = LocalTensors(root / "tensors")
        self._models = LocalModels()
        self._generation = LocalGeneration(self._images, self._tensors, self._models, device="cpu")
        self.facts: dict[str, Any] = {}
        self.messages: list[str] = []
        self.steps: list[tuple[int, int]] = []
        self.known = Record(
            "t2i a fox | save", {"nodes": {}}, {"prompt": "a fox", "seed": 7}, {"invokeai-cli": "1.2.3"}
        )

    @property
    def images(self) -> LocalImages:
        return self._images

    @property
    def files(self) -> LocalFiles:
        return LocalFiles(self._root)

    @property
    def tensors(self) -> LocalTensors:
        return self._tensors

    @property
    def models(self) -> LocalModels:
        return self._models

    @property
    def generation(self) -> LocalGeneration:
        return self._generation

    @property
    def enhancement(self) -> LocalEnhancement:
        return LocalEnhancement(self._images)

    def progress(self, step: int, of: int, preview: Any = None) -> None:
        self.steps.append((step, of))

    def cancelled(self) -> bool:
        return False

    def fact(self, name: str, value: Any) -> None:
        self.facts[name] = value

    def log(self, message: str) -> None:
        self.messages.append(message)

    def record(self) -> Record:
        return self.known


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """Return a context whose services use a temporary folder."""
    made = Context(tmp_path)
    yield made
    made.images.close()


@pytest.fixture
def image(context: Context) -> ImageRef:
    """Return an image of 16x8 pixels, red on the left and transparent blue on the right."""
    picture = Image.new("RGBA", (16, 8), (0, 0, 255, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 8, 8))
    return context.images.put(picture)


class Alone:
    """A context whose only service is access to files."""

    session_id = "session"
    node_id = "node"
    seed = 1234
    files = LocalFiles()


@pytest.fixture
def run() -> Run:
    """Return a function that runs a node by its type and its inputs and returns its primary output."""
    registry = open_registry()

    def run_node(name: str, **inputs: Any) -> Any:
        output = registry.load(name)(**inputs).invoke(Alone())  # type: ignore[arg-type]
        primary = registry[name].primary_output
        assert primary is not None
        return getattr(output, primary.name)

    return run_node
