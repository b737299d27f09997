"""The routes of OpenAI's image API; a request waits until its images are made."""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from invokeai_web.compat.built_line import usable_models
from invokeai_web.compat.generation import RETRY_AFTER_S, GeneratedImage, NotGenerated, QueueIsLong
from invokeai_web.compat.uploads import has_transparency, upload
from invokeai_web.problem_details import problem_data
from invokeai_web.problem_status import STATUS
from workflows.importers.parameters import MAX_SEED
from workflows.problems import describe

from .errors import OpenAiError, of_mistakes, of_problem
from .requests import ImageRequest
from .steps import edit_steps, generation_steps

if TYPE_CHECKING:
    from invokeai_web.compat.generation import Generations, StepsOf
    from invokeai_web.server import Server

IGNORED: Final = "X-Ignored-Fields"
RANDOM_SEEDS: Final = 2**32
NAME: Final = re.compile(r"[\w.\[\]-]{1,60}", re.ASCII)
MOST_NAMES: Final = 20
IMAGE_NAMES: Final = ("image", "image[]")
FORM_LIMITS: Final[dict[str, Any]] = {"max_files": 4, "max_fields": 50}


class OpenAiRoute(APIRoute):
    """A route whose errors have the form that OpenAI's clients read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, wrapped."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:
                found = _described(error, request)
                if found is None:
                    raise
                return found.response()

        return handle


def openai_router(server: Server, generations: Generations) -> APIRouter:
    """Return the routes of a server."""
    router = APIRouter(prefix="/v1", route_class=OpenAiRoute, include_in_schema=False)

    @router.post("/images/generations")
    async def create_images(body: ImageRequest, request: Request) -> JSONResponse:
        return await answered(request, body, lambda workspace, seed: generation_steps(workspace, body, seed))

    @router.post("/images/edits")
    async def edit_images(request: Request) -> JSONResponse:
        async with request.form(**FORM_LIMITS) as form:
            body = ImageRequest.model_validate({name: text for name, text in form.items() if isinstance(text, str)})
            image = await to_thread.run_sync(upload, server, await _file(form, *IMAGE_NAMES))
            given = await _file(form, "mask") if "mask" in form else b""
        mask = await to_thread.run_sync(upload, server, given) if given else ""
        if not mask and await to_thread.run_sync(has_transparency, server, image):
            mask = image
        return await answered(request, body, lambda workspace, seed: edit_steps(workspace, body, seed, image, mask))

    @router.get("/models")
    def list_models() -> dict[str, Any]:
        return {"object": "list", "data": [_model(server, name) for name in usable_models(server.workspace)]}

    @router.get("/models/{name:path}")
    def get_model(name: str) -> dict[str, Any]:
        if name not in usable_models(server.workspace):
            raise OpenAiError(404, f"The model `{name[:100]}` does not exist.", "model_not_found", "model")
        return _model(server, name)

    async def answered(request: Request, body: ImageRequest, steps_of: StepsOf) -> JSONResponse:
        if body.stream:
            raise OpenAiError(400, "Images cannot be streamed.", "unsupported_value", "stream")
        first = secrets.randbelow(RANDOM_SEEDS) if body.seed is None else body.seed
        seeds = [(first + place) % (MAX_SEED + 1) for place in range(body.n or 1)]
        made = await to_thread.run_sync(generations.begin, steps_of, seeds, body.prompt[:80])
        images = await generations.finished(made, request.is_disconnected)
        as_url = body.response_format != "b64_json"
        data = [await _shown(image, request, server, generations, as_url=as_url) for image in images]
        return JSONResponse({"created": int(time.time()), "data": data}, headers=_headers(body))

    return router


async def _shown(
    image: GeneratedImage, request: Request, server: Server, generations: Generations, *, as_url: bool
) -> dict[str, Any]:
    """Return an image as its URL, which is valid for an hour, or as base64."""
    seed = {"seed": image.seed if image.seed < 2**53 else str(image.seed)}
    if as_url:
        path = server.credentials.sign(f"/api/v1/images/{image.ref.name}")
        return {"url": f"{str(request.base_url).rstrip('/')}{path}", **seed}
    content = await to_thread.run_sync(generations.content, image)
    return {"b64_json": base64.b64encode(content).decode("ascii"), **seed}


def _headers(body: ImageRequest) -> dict[str, str]:
    """Return a header that names the fields without effect."""
    names = [name for name in body.ignored if NAME.fullmatch(name)][:MOST_NAMES]
    names += ["model"] if body.names_own_model else []
    return {IGNORED: ", ".join(names)} if names else {}


async def _file(form: FormData, *names: str) -> bytes:
    """Return the one file with any of these names. Raises: OpenAiError."""
    found = [part for name in names for part in form.getlist(name)]
    if len(found) > 1:
        raise OpenAiError(400, f"Only one '{names[0]}' is supported.", "invalid_value", names[0])
    if not found or not isinstance(found[0], UploadFile):
        raise OpenAiError(400, f"Missing required file: '{names[0]}'.", "missing_required_parameter", names[0])
    return await found[0].read()


def _model(server: Server, name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": int(server.started), "owned_by": "invokeai-cli"}


def _described(error: Exception, request: Request) -> OpenAiError | None:
    """Return a known error in OpenAI's form; None for an unexpected error."""
    if isinstance(error, OpenAiError):
        return error
    if isinstance(error, (RequestValidationError, ValidationError)):
        return of_mistakes([*error.errors()])
    if isinstance(error, QueueIsLong):
        return OpenAiError(503, str(error), "queue_full", headers={"Retry-After": str(RETRY_AFTER_S)})
    without_paths = request.app.state.server.without_paths
    if isinstance(error, NotGenerated):
        return OpenAiError(STATUS.get(error.code, 500), without_paths(str(error)), error.code)
    if not describe(error) and not hasattr(error, "status"):
        return None
    return of_problem(problem_data(error, without_paths))
