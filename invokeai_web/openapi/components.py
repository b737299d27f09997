"""Types of bodies and answers whose schemas are made from the metadata of nodes, such as graphs."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import WithJsonSchema

MARK: Final = "x-component"  # replaced by a reference when the document is made


def component(name: str) -> WithJsonSchema:
    """Return the annotation of a type whose schema is the component with this name."""
    return WithJsonSchema({MARK: name})


GraphDocument = Annotated[dict[str, Any], component("Graph")]
NodeDocument = Annotated[dict[str, Any], component("AnyNode")]
EdgeDocument = Annotated[dict[str, Any], component("Edge")]
