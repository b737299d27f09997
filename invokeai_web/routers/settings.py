"""Routes about settings: they are shown, and the user's defaults of inputs can be changed.

Folders are neither shown nor changed, and nothing here allows what the command line does not.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from invokeai_web.api_router import ApiRouter
from invokeai_web.dependencies import ServerDependency
from invokeai_web.server import Server
from workflows.own_defaults import listed_defaults
from workflows.settings.table import SETTINGS, as_text

router = ApiRouter("settings", prefix="/settings")
FOLDERS = ("path", "paths")
MAX_CHANGES = 100
Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=10_000)]


class SettingValue(BaseModel):
    """A setting and its value."""

    name: str
    value: str
    default: str
    description: str
    choices: list[str] = Field(description="all values that it accepts, if they are few")
    is_default: bool


class InputDefault(BaseModel):
    """A default that the user has set for an input."""

    name: str = Field(description="the input, as `steps` or `t2i.steps`")
    value: str
    model: str | None = Field(description="the model that it is for, or None for all models")
    unused: str | None = Field(description="why it has no effect")


class SettingsPage(BaseModel):
    """The settings of the server, and the user's defaults."""

    settings: list[SettingValue]
    defaults: list[InputDefault]


class ChangedDefaults(BaseModel):
    """Defaults to set or, with null, to remove."""

    model_config = ConfigDict(extra="forbid")

    defaults: dict[Key, Text | None] = Field(
        max_length=MAX_CHANGES, examples=[{"steps": "30", "t2i.width": "768", "negative": None}]
    )
    model: str | None = Field(default=None, max_length=300, description="the model that they are for (default: all)")


@router.get("")
def get_settings(server: ServerDependency) -> SettingsPage:
    """Return the settings, except folders, and the user's defaults."""
    return _page(server)


@router.patch("")
def change_settings(body: ChangedDefaults, server: ServerDependency) -> SettingsPage:
    """Set or remove defaults of inputs, and save them in the user's settings; all of them, or none if one is wrong."""
    server.defaults.change(body.defaults, body.model)
    return _page(server)


def _page(server: Server) -> SettingsPage:
    config = server.workspace.settings
    shown = [setting for setting in SETTINGS if setting.kind not in FOLDERS]
    settings = [
        SettingValue(
            name=setting.name,
            value=as_text(getattr(config, setting.name)),
            default=as_text(setting.default),
            description=setting.description,
            choices=list(setting.choices),
            is_default=config.origins[setting.name] == "default",
        )
        for setting in shown
    ]
    with server.defaults.lock:
        found: list[dict[str, Any]] = [each.data() for each in listed_defaults(server.workspace)]
    clean = server.without_paths
    defaults = [
        InputDefault(
            name=each["name"],
            value=clean(each["value"]),
            model=clean(each["model"]) if each["model"] else None,
            unused=clean(each["unused"]) if each["unused"] else None,
        )
        for each in found
    ]
    return SettingsPage(settings=settings, defaults=defaults)
