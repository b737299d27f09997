"""The routes of `/sdapi/v1`; a request for images waits until they are made."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from invokeai_web.compat.generation import RETRY_AFTER_S, NotGenerated, QueueIsLong
from invokeai_web.compat.uploads import decoded, texts_in, upload
from invokeai_web.problem_details import problem_data
from invokeai_web.problem_status import STATUS
from workflows.importers.infotext import split
from workflows.importers.parameters import MAX_SEED
from workflows.problems import describe

from .answers import images_answer, model_row, options_answer
from .errors import SdError
from .requests import RANDOM, ExtraSingle, ImageToImage, PngInfo, SdOptions, TextToImage
from .sampler_names import sampler_rows, schedule_rows, upscaler_rows
from .steps import CHECKPOINT, CLIP_LAYERS, image_steps, model_of, text_steps, upscale_steps
from .tasks import SdTasks

if TYPE_CHECKING:
    from invokeai_web.compat.generation import GeneratedImage, Generations, StepsOf
    from invokeai_web.server import Server
    from workflows.importers.parameters import ImportedStep
    from workflows.workspace import Workspace

RANDOM_SEEDS: Final = 2**32
PARAMETERS: Final = "parameters"
TaskId = Annotated[str, Query(alias="id_task", max_length=300)]


class SdRoute(APIRoute):
    """A route whose errors have the form that clients of `/sdapi/v1` read."""

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


def sd_router(server: Server, generations: Generations) -> APIRouter:
    """Return the routes of a server."""
    router = APIRouter(prefix="/sdapi/v1", route_class=SdRoute, include_in_schema=False)
    tasks = SdTasks(generations)
    options: dict[str, Any] = {}

    @router.post("/txt2img")
    async def txt2img(body: TextToImage, request: Request) -> dict[str, Any]:
        return await made(body, request, lambda workspace, seed: text_steps(workspace, body, seed, options))

    @router.post("/img2img")
    async def img2img(body: ImageToImage, request: Request) -> dict[str, Any]:
        image = await uploaded(body.init_images[0])
        mask = await uploaded(body.mask) if body.mask else ""
        return await made(
            body, request, lambda workspace, seed: image_steps(workspace, body, seed, options, image, mask)
        )

    @router.post("/extra-single-image")
    async def extra_single_image(body: ExtraSingle, request: Request) -> dict[str, Any]:
        image = await uploaded(body.image)
        images = await run(lambda workspace, seed: upscale_steps(workspace, body, image), [0], body, request)
        content = await to_thread.run_sync(generations.content, images[0])
        return {"html_info": "", "image": base64.b64encode(content).decode("ascii")}

    @router.post("/png-info")
    def png_info(body: PngInfo) -> dict[str, Any]:
        items = texts_in(server, decoded(body.image))
        info = items.pop(PARAMETERS, "")
        found = split(info)
        prompts = {"Prompt": found.prompt, "Negative prompt": found.negative} if info else {}
        return {"info": info, "items": items, "parameters": {**prompts, **found.settings}}

    @router.get("/progress")
    def progress(task: TaskId = "") -> dict[str, Any]:
        return tasks.progress(task)

    @router.post("/interrupt")
    def interrupt(task: TaskId = "") -> dict[str, Any]:
        tasks.interrupt(task)
        return {}

    @router.get("/options")
    def get_options() -> dict[str, Any]:
        usable = next(info.name for info in server.workspace.models.list() if info.is_usable)
        return options_answer(options.get(CHECKPOINT, usable), options.get(CLIP_LAYERS, 1))

    @router.post("/options")
    def set_options(body: SdOptions) -> dict[str, Any]:
        model = model_of(server.workspace, body.sd_model_checkpoint)
        options.update({CHECKPOINT: model} if model else {})
        options.update({CLIP_LAYERS: body.CLIP_stop_at_last_layers} if body.CLIP_stop_at_last_layers else {})
        return {}

    @router.get("/sd-models")
    def sd_models() -> list[dict[str, Any]]:
        return [model_row(info) for info in server.workspace.models.list() if info.is_usable]

    @router.get("/sd-vae")
    def sd_vae() -> list[dict[str, Any]]:
        found = [info for info in server.workspace.models.list() if info.kind == "vae" and info.serves_as("vae")]
        return [{"model_name": info.name, "filename": info.name} for info in found]

    @router.get("/samplers")
    def samplers() -> list[dict[str, Any]]:
        return sampler_rows(server.workspace.names("scheduler"))

    @router.get("/schedulers")
    def schedulers() -> list[dict[str, Any]]:
        return schedule_rows()

    @router.get("/upscalers")
    def upscalers() -> list[dict[str, Any]]:
        return upscaler_rows(server.workspace.names("upscaler"))

    @router.get("/latent-upscale-modes")
    def latent_upscale_modes() -> list[dict[str, Any]]:
        return []

    async def uploaded(image: str) -> str:
        return await to_thread.run_sync(upload, server, decoded(image))

    async def made(
        body: TextToImage,
        request: Request,
        steps_of: Callable[[Workspace, int], tuple[Sequence[ImportedStep], list[str]]],
    ) -> dict[str, Any]:
        first = secrets.randbelow(RANDOM_SEEDS) if body.seed == RANDOM else body.seed
        seeds = [(first + place) % (MAX_SEED + 1) for place in range(body.count)]
        notes: list[str] = []

        def noted(workspace: Workspace, seed: int) -> Sequence[ImportedStep]:
            steps, notes[:] = steps_of(workspace, seed)
            return steps

        images = await run(noted, seeds, body, request)
        contents = [await to_thread.run_sync(generations.content, image) for image in images]
        return images_answer(body, images, contents, notes)

    async def run(
        steps_of: StepsOf, seeds: Sequence[int], body: TextToImage | ExtraSingle, request: Request
    ) -> list[GeneratedImage]:
        title = getattr(body, "prompt", "")[:80]
        started = await to_thread.run_sync(generations.begin, steps_of, seeds, title)
        task = tasks.add(started, body.force_task_id)
        try:
            return await generations.finished(started, request.is_disconnected)
        finally:
            tasks.end(task)

    return router


def _described(error: Exception, request: Request) -> SdError | None:
    """Return a known error in AUTOMATIC1111's form; None for an unexpected error."""
    if isinstance(error, SdError):
        return error
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"] if part != "body")
        return SdError(422, f"`{name}`: {first['msg']}", code="validation_error")
    if isinstance(error, QueueIsLong):
        return SdError(503, str(error), code="queue_full", headers={"Retry-After": str(RETRY_AFTER_S)})
    without_paths = request.app.state.server.without_paths
    if isinstance(error, NotGenerated):
        status = STATUS.get(error.code, 500)
        return SdError(status, without_paths(str(error)), without_paths(error.hint), code=error.code)
    if not describe(error) and not hasattr(error, "status"):
        return None
    data = problem_data(error, without_paths)
    return SdError(data["status"], data["detail"], data.get("hint") or "", code=data["code"])
