"""The services of the server that a user names, for the lines that run there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .address import read_address
from .server_services import ServerServices

if TYPE_CHECKING:
    from invocations.local import LocalSettings

    from .server_nodes import Catalog

OPEN_NOTE = "what is sent to {} can be read by others on the network; a server with a certificate has an https address"


def services_at(
    text: str, token: str, settings: LocalSettings, catalog: Catalog, warn: Callable[[str], None]
) -> ServerServices:
    """Return the services of the server at an address, which is not asked for anything yet. Raises: UsageError.

    token: what the server asks for. settings: of the services for files and images on this machine
    """
    address = read_address(text)

    def met() -> None:
        if not address.is_protected:
            warn(OPEN_NOTE.format(text))

    return ServerServices(settings, address, token, catalog, met)
