"""Write `openapi.json`, the document of the built-in nodes: `python -m invokeai_web.committed_document`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from invocations.catalog.registry import open_registry

from .api_app import routed_app
from .openapi.document import make_document

FILE: Final = Path(__file__).parent / "openapi.json"


def committed_document() -> dict[str, Any]:
    """Return the document of all routes with the built-in nodes."""
    return make_document(routed_app(), open_registry().values())


def as_text(document: dict[str, Any]) -> str:
    """Return a document as it is written into the file."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file."""
    FILE.write_text(as_text(committed_document()), "utf-8")
    print(FILE.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
