"""The requests of OpenAI's image API, with further fields for the seed and for what else our models take."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from workflows.importers.parameters import MAX_PROMPT, MAX_SEED

MOST_IMAGES: Final = 10
OWN_MODELS: Final = ("dall-e-", "gpt-image-", "chatgpt-image-")  # OpenAI's models, which stand for the default model
AUTO: Final = "auto"


def _blank_is_none(value: Any) -> Any:
    """Return None for an empty string, which forms send for fields that are not set."""
    return None if value == "" else value


Blank = BeforeValidator(_blank_is_none)


class ImageRequest(BaseModel):
    """What generations and edits have in common; fields that are not listed are ignored.

    negative_prompt, seed, steps, guidance and strength are not OpenAI's.
    """

    model_config = ConfigDict(extra="allow")

    prompt: str = Field(min_length=1, max_length=MAX_PROMPT)
    model: str | None = Field(default=None, max_length=300)
    n: Annotated[int, Field(ge=1, le=MOST_IMAGES)] | None = None
    size: Annotated[str, Field(pattern=r"^(auto|[1-9][0-9]{0,4}x[1-9][0-9]{0,4})?$")] | None = None
    response_format: Literal["url", "b64_json"] | None = None
    stream: bool | None = None
    negative_prompt: str | None = Field(default=None, max_length=MAX_PROMPT)
    seed: Annotated[Annotated[int, Field(ge=0, le=MAX_SEED)] | None, Blank] = None
    steps: Annotated[Annotated[int, Field(ge=1, le=1000)] | None, Blank] = None
    guidance: Annotated[Annotated[float, Field(ge=0, le=100)] | None, Blank] = None
    strength: Annotated[Annotated[float, Field(ge=0, le=1)] | None, Blank] = None

    @property
    def ignored(self) -> list[str]:
        """The names of the fields that have no effect."""
        return sorted(self.model_extra or {})

    @property
    def sides(self) -> tuple[int, int] | None:
        """Width and height in pixels, or None if the model decides."""
        if not self.size or self.size == AUTO:
            return None
        width, height = map(int, self.size.split("x"))
        return width, height

    @property
    def names_own_model(self) -> bool:
        """Whether a model of OpenAI is named, in whose place the default model is used."""
        return self.model is not None and self.model.startswith(OWN_MODELS)
