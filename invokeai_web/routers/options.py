"""Routes about what lines and requests can use: schedulers, upscalers, limits and features."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, Field

from invokeai_web.api_router import ApiRouter
from invokeai_web.dependencies import LONGEST_PAGE, ServerDependency
from invokeai_web.graph_body import MAX_NODES
from invokeai_web.line_answers import LONGEST_LINE, LONGEST_RECORD, MAX_EDITS
from workflows.planning.draft import MOST_ITEMS

router = ApiRouter("server", prefix="/options")


class NamedOption(BaseModel):
    """A name that an input accepts."""

    name: str
    about: str


class RequestLimits(BaseModel):
    """What one request may contain."""

    line_characters: int
    record_characters: int = Field(description="characters of another tool's record to import")
    nodes: int = Field(description="nodes of a graph")
    edits: int = Field(description="changes of a line")
    items: int = Field(description="items of a sweep")
    page: int = Field(description="items of a page of a list")
    megapixels: int = Field(description="size of an image to read")


class OptionList(BaseModel):
    """What lines and requests can use."""

    schedulers: list[NamedOption]
    upscalers: list[NamedOption]
    kinds: list[NamedOption] = Field(description="kinds of models")
    families: list[NamedOption] = Field(description="families of models")
    limits: RequestLimits
    features: dict[str, bool]


@router.get("")
def get_options(server: ServerDependency) -> OptionList:
    """Return schedulers, upscalers, kinds and families of models, limits and features."""
    workspace, models = server.workspace, server.workspace.models
    settings = workspace.settings
    return OptionList(
        schedulers=_named(workspace.lookup.generation.about_schedulers()),
        upscalers=_named(dict.fromkeys(workspace.names("upscaler"), "")),
        kinds=_named(models.kinds()),
        families=_named(models.families()),
        limits=RequestLimits(
            line_characters=LONGEST_LINE,
            record_characters=LONGEST_RECORD,
            nodes=MAX_NODES,
            edits=MAX_EDITS,
            items=min(settings.max_items, MOST_ITEMS),
            page=LONGEST_PAGE,
            megapixels=settings.max_megapixels,
        ),
        features={
            "cache": settings.cache,
            "openai": "openai" in server.options.compat,
            "a1111": "a1111" in server.options.compat,
            "files": bool(getattr(server.options, "allow_files", "")),
        },
    )


def _named(found: Mapping[str, str]) -> list[NamedOption]:
    return [NamedOption(name=name, about=about) for name, about in found.items()]
