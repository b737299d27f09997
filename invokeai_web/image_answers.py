"""Images in answers: what the gallery knows about them, and their addresses."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from invocations.storing.gallery.base import MAX_TAG, MAX_TAGS, GalleryImage
from invocations.storing.gallery.names import MAX_NAME

from .api_router import BASE
from .paging import Page
from .server import Server

ImageId = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="id of an image: the SHA-256 of its pixels")]
Id = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class ImageMakingData(BaseModel):
    """How an image was made."""

    line: str = Field(description="the line that makes the image, with its seeds and its model")
    typed: str = Field(description="the line as it was typed, which may have made other images too")
    tool: str = Field(description="the program that made the image")
    identical: bool = Field(description="whether the line makes exactly the recorded graph")
    graph: dict[str, Any] = Field(description="the recorded graph")
    parameters: dict[str, Any] = Field(description="prompt, seed, steps and so on, as far as they are known")
    versions: dict[str, str] = Field(description="versions of the programs that made the image")
    notes: list[str]


class ImageEntry(BaseModel):
    """An image of the gallery, with the latest line that made it; an upload has no line."""

    id: str
    kind: str = Field(description="image or mask")
    width: int
    height: int
    origin: str = Field(description="result or upload")
    created: float = Field(description="when it was made or sent most recently, in seconds since 1970")
    session: str = Field(description="the session that made it")
    node: str
    path: list[int] = Field(description="the iteration of the node")
    line: int = Field(description="number of the line in the session")
    text: str = Field(description="the line as it was typed")
    model: str
    name: str = Field(description="its latest name on the shelf, by which lines can load it")
    names: list[str]
    starred: bool
    tags: list[str]
    url: str
    thumbnail: str


class UploadedImage(ImageEntry):
    """An image that was sent, and how it was made, as far as its file records it."""

    making: ImageMakingData | None


class ImagePage(Page[ImageEntry]):
    """A page of the gallery, the latest image first."""


class ChangedImage(BaseModel):
    """What to change about an image; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    starred: bool | None = None
    tags: list[Annotated[str, StringConstraints(max_length=4 * MAX_TAG)]] | None = Field(
        default=None, max_length=4 * MAX_TAGS, description="replace all tags"
    )
    name: str | None = Field(
        default=None, max_length=2 * MAX_NAME, description="replaces its names on the shelf; empty: take it off"
    )


def entry_data(image: GalleryImage, server: Server) -> dict[str, Any]:
    """Return an image of the gallery as the data of an `ImageEntry`."""
    url = f"{BASE}/images/{image.id}"
    own = ("id", "kind", "width", "height", "origin", "created", "session", "node", "line", "model", "name", "starred")
    return {
        **{name: getattr(image, name) for name in own},
        "path": list(image.path),
        "text": server.without_paths(image.text),
        "names": list(image.names),
        "tags": list(image.tags),
        "url": url,
        "thumbnail": f"{url}/thumbnail?size=320",
    }
