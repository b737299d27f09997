"""Connect to the server that a user names, before anything is planned with its models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from invocations.services.errors import ServiceError
from workflows.problems import UsageError

from .address import read_address
from .server_services import ServerServices

if TYPE_CHECKING:
    from invocations.local import LocalSettings

    from .server_nodes import Catalog

OPEN_NOTE = "what is sent to {} can be read by others on the network; a server with a certificate has an https address"


def connected(
    text: str, token: str, settings: LocalSettings, catalog: Catalog, warn: Callable[[str], None]
) -> ServerServices | Exception:
    """Return the services of the server at an address, or why it cannot be used: it is asked only once.

    token: what the server asks for. settings: of the services for files and images on this machine
    """
    try:
        address = read_address(text)
        services = ServerServices(settings, address, token, catalog)
        services.greet()
    except (UsageError, ServiceError) as error:
        return error
    if not address.is_protected:
        warn(OPEN_NOTE.format(text))
    return services
