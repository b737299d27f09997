"""The context of a running node: services, progress, cancellation, a seed and a log."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from invocations.frozen import frozen

if TYPE_CHECKING:
    from .services.enhancement.base import EnhancementService
    from .services.files.base import FileService
    from .services.generation.base import GenerationService
    from .services.images.base import ImageService
    from .services.models.base import ModelService
    from .services.tensors.base import TensorService


@frozen
class Record:
    """How a node's inputs were computed: the line as typed, the graph as JSON, and facts for names and metadata.

    facts: prompt, negative, seed, steps, guidance, scheduler, model, width, height, strength, index and so on, as far
    as they are known; the value of the nearest ancestor wins.
    files: the paths or URLs of the loaded images that the inputs were made from, nearest first, without masks
    """

    line: str
    graph: Mapping[str, Any]
    facts: Mapping[str, Any]
    versions: Mapping[str, str]
    ancestors: tuple[Mapping[str, Any], ...] = ()
    files: tuple[str, ...] = ()


class Services(Protocol):
    """The services that nodes use, each created on first use."""

    @property
    def images(self) -> ImageService: ...
    @property
    def files(self) -> FileService: ...
    @property
    def tensors(self) -> TensorService: ...
    @property
    def models(self) -> ModelService: ...
    @property
    def generation(self) -> GenerationService: ...
    @property
    def enhancement(self) -> EnhancementService: ...
    def measured(
        self, node: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], *, peak_bytes: int, device_bytes: int,
        batch: int = 1,
    ) -> None: ...  # called after each node, or batch of nodes, whose memory was measured  # fmt: skip
    @property
    def is_writing(self) -> bool: ...
    def stop_writing(self) -> None: ...
    def free(self) -> bool: ...  # returns True if other processes have freed memory, too
    def free_idle(self) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class InvocationContext(ABC):
    """What a node can use while it runs. Services are created on first use."""

    session_id: str
    node_id: str
    seed: int  # for randomness in a node without a seed input; it stays the same if the node runs again

    @property
    @abstractmethod
    def images(self) -> ImageService:
        """The service that loads, stores and saves images."""

    @property
    def files(self) -> FileService:
        """The service that reads text files."""
        raise NotImplementedError  # optional, because plug-ins may test their nodes with their own contexts

    @property
    @abstractmethod
    def tensors(self) -> TensorService:
        """The service that stores latents and conditioning."""

    @property
    @abstractmethod
    def models(self) -> ModelService:
        """The service that finds models and their default settings."""

    @property
    @abstractmethod
    def generation(self) -> GenerationService:
        """The service that encodes prompts, samples noise, denoises, and decodes and encodes images."""

    @property
    @abstractmethod
    def enhancement(self) -> EnhancementService:
        """The service that upscales images."""

    @abstractmethod
    def progress(self, step: int, of: int, preview: Any = None) -> None:
        """Report that step `step` of `of` is done; `preview` is a small PIL image of the intermediate result.

        Raises: Cancelled, if the run was cancelled.
        """

    @abstractmethod
    def cancelled(self) -> bool:
        """Whether the run was cancelled; a long computation should check this from time to time."""

    @abstractmethod
    def fact(self, name: str, value: Any) -> None:
        """Record a value that the node chose itself, such as steps, guidance, scheduler, seed or size.

        The value is stored with the node's result and appears in `record().facts` of the nodes that use the result.
        """

    @abstractmethod
    def log(self, message: str) -> None:
        """Log a message, which is shown with -v and stored in the session."""

    def warn(self, message: str) -> None:
        """Log a message that is shown even without -v."""
        self.log(message)

    wants_preview: Callable[[], bool] | None = None
    """Returns True if somebody wants a preview of this step; None if the settings determine which steps have one."""

    side_by_side: bool = False
    """Whether nodes that run at once must each return exactly what it returns alone."""

    @property
    def low_memory(self) -> bool:
        """Whether this node has already run out of memory and should work in slices if it can.

        Once a node has read this as True, its result is not cached.
        """
        return False

    @property
    def items_are_separate(self) -> bool:
        """Whether the items of this node's list are used one at a time, so an unreadable item can fail alone."""
        return False

    @property
    def scarce(self) -> bool:
        """The name of `low_memory` in version 0.1.0, which plug-ins may still use."""
        return self.low_memory

    @property
    def claimed(self) -> str:
        """The file that this node was about to write when an earlier process ended, or ""."""
        return ""

    @property
    def replaces(self) -> str:
        """The file that this node wrote with an image missing and may now replace; "" if there is no such file."""
        return ""

    def claim(self, target: str) -> None:  # noqa: B027 - optional
        """Record which file this node is about to write, so that it recognizes the file after an interruption."""

    @abstractmethod
    def record(self) -> Record:
        """Return how this node's inputs were computed."""
