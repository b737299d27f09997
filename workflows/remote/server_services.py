"""A server that runs the nodes of lines: its models and what its results depend on, and the worker of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from invocations.local import LocalServices, LocalSettings
from invocations.services.errors import ServiceError
from invocations.values import ConditioningRef, LatentsRef, ModelRef, Ref

from .address import Address
from .connection import ServerConnection
from .images import TravelingImages
from .models import RemoteModels
from .server_nodes import Catalog, ServerNodes
from .tensor_sources import TensorSources
from .workers import ServerWorkers

if TYPE_CHECKING:
    from invocations.running.workers.base import Workers


FOLDER: Final = "on-server"  # in the data folder: how tensors on the server were made


class ServerServices(LocalServices):
    """The services of this machine for files and images, with the models of a server, which runs the nodes.

    token: what the server asks for. met: called once the server has answered for the first time
    """

    def __init__(
        self,
        settings: LocalSettings,
        address: Address,
        token: str,
        catalog: Catalog,
        met: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(settings)
        self._met = met
        self._connection = ServerConnection(address, token, keeps_open=False)
        self._catalog = catalog

    def greet(self) -> None:
        """Ask the server for its version. Raises: ServiceError, if it cannot be reached or refuses the token."""
        self.about  # noqa: B018 - asked once

    @property
    def about(self) -> Mapping[str, Any]:
        """What the server says about itself; it is asked only once, also if it refuses. Raises: ServiceError."""
        if isinstance(self._about, ServiceError):
            raise self._about
        return self._about

    @cached_property
    def _about(self) -> Mapping[str, Any] | ServiceError:
        try:
            found = self._connection.json("GET", "/about")
        except ServiceError as error:
            return error
        if not isinstance(found, dict):
            return ServiceError(f"{self._connection.address.text} is not a server of invokeai", code="server_refused")
        self._met()
        return found

    @cached_property
    def models(self) -> RemoteModels:  # type: ignore[override]
        return RemoteModels(self._connection)

    @cached_property
    def types(self) -> Collection[str]:
        """The types of nodes that the server has, in the versions that are installed here."""
        rows = self._connection.json("GET", "/nodes")["nodes"]
        found = {str(row["type"]): str(row.get("version", "")) for row in rows}
        return {name for name, version in found.items() if name in self._catalog and self._is_same(name, version)}

    def workers(self) -> Workers:
        """Return the server as the worker of all runs."""
        connection = self._connection.kept_open()
        images = TravelingImages(connection, lambda ref: self.images.path(ref), lambda name: self.images.file(name))
        device = str(self.about.get("device", ""))
        return ServerWorkers(
            connection, ServerNodes(self._catalog, images.send, self.sources), images, lambda: self.types, device=device
        )

    @cached_property
    def sources(self) -> TensorSources:
        """How the tensors on the server were made."""
        return TensorSources(self._settings.data_dir / FOLDER)

    def is_there(self, ref: Ref) -> bool:
        """Return True if the content of a reference still exists, or the server can make it again."""
        is_tensor = isinstance(ref, (LatentsRef, ConditioningRef))
        return (is_tensor and self.sources.path(ref.name) is not None) or super().is_there(ref)

    def file_of(self, label: str) -> Path:
        """Return the path of the stored file with this label; for tensors on the server, of how they were made."""
        kind, _, name = label.partition("/")
        return (self.sources.path(name) if kind == "tensors" else None) or super().file_of(label)

    def computing(self) -> dict[str, str]:
        versions = self.about.get("versions", {})
        named = {f"server {name}": str(version) for name, version in versions.items()} if versions else {}
        return {**super().computing(), "server": self._connection.address.text, **named}

    def computing_of(self, model: ModelRef) -> Mapping[str, str]:
        return {}

    def measured(self, *of_node: Any, **used: Any) -> None:
        """Remember nothing: the memory is that of another machine."""

    def _is_same(self, name: str, version: str) -> bool:
        return not version or self._catalog[name].version == version
