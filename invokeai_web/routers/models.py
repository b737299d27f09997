"""Routes about models: list, describe, and look again at the folders. Models cannot be installed over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from invocations.errors import InvocationError
from invocations.language.did_you_mean import did_you_mean
from invocations.services.models.base import READY, ModelInfo
from invokeai_web.api_router import ApiRouter
from invokeai_web.clean_data import clean_data, clean_texts
from invokeai_web.dependencies import ServerDependency
from invokeai_web.model_answers import ModelDescription, ModelList, listed_model, model_data
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server
from workflows.model_list import list_notes, listed
from workflows.own_defaults import own_of_model

router = ApiRouter("models", prefix="/models")
Kind = Annotated[str, Query(max_length=60, description="kind of models, such as `model`, `lora` or `vae`")]
Family = Annotated[str, Query(max_length=60, description="family of models, such as `sd1` or `sdxl`")]
Name = Annotated[str, Path(max_length=300, description="name of a model")]


@router.get("")
def list_models(server: ServerDependency, kind: Kind = "", family: Family = "") -> ModelList:
    """List the models, the default first."""
    return _listed(server, kind, family)


@router.post("/rescan")
def rescan_models(server: ServerDependency) -> ModelList:
    """Look for models that were added to the folders or removed from them, and list all."""
    server.checkers.forget()
    found = _listed(server)
    server.publisher.change("models", {"changed": True})
    return found


@router.get("/{name:path}")
def get_model(name: Name, server: ServerDependency) -> ModelDescription:
    """Return everything that is known about a model: what it is, its settings, and what it needs."""
    models = server.workspace.models
    every = models.list()
    info = next((each for each in every if each.name == name), None)
    if info is None:
        hint = did_you_mean(name, [each.name for each in every], "GET /models lists all")
        raise ApiProblem(404, "model_missing", f"there is no model `{name}`", hint)
    details = models.details(name)
    own = own_of_model(server.workspace, info.name, info.path)
    data = model_data(details, own, _words(server, info))
    return ModelDescription(**clean_data(data, server.without_paths))


def _listed(server: Server, kind: str = "", family: str = "") -> ModelList:
    models = server.workspace.models
    found = listed(models, kind or None, family or None)
    rows: list[dict[str, Any]] = [listed_model(each) for each in found]
    notes = clean_texts(list_notes(models, found), server.without_paths)
    return ModelList(models=clean_data(rows, server.without_paths), notes=notes)


def _words(server: Server, info: ModelInfo) -> dict[str, str]:
    if info.kind != "model" or info.state != READY:
        return {}
    models = server.workspace.models
    try:
        return dict(models.world(models.find(info.name)))
    except InvocationError:
        return {}
