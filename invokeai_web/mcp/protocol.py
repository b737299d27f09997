"""The protocol's side: lists tools and images, calls tools in threads, reports progress and passes on cancellation."""

from __future__ import annotations

import base64
import mimetypes
import os
from typing import TYPE_CHECKING, Any, Final

import anyio
import mcp_types as types
from anyio import to_thread
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError

from workflows.problems import UsageError, describe

from .answer import ImageLink, ToolAnswer
from .arguments import input_schema, read_arguments
from .connection import Connection, answered
from .instructions import instructions
from .run_line import LineTask
from .tools import BY_NAME, TOOLS, ToolRow

if TYPE_CHECKING:
    from .arguments import LineArguments

Context = ServerRequestContext[Any, Any]
REPORT_S: Final = 0.1  # seconds between two reports of progress
UNKNOWN_IMAGE: Final = "there is no such image; only images that lines of this connection have saved can be read"


class ToolServer:
    """Answers the requests of one client."""

    def __init__(self, connection: Connection, version: str) -> None:
        self.connection = connection
        self._running = anyio.Lock()
        self.protocol: Server[Any] = Server(
            "invokeai",
            version=version,
            title="InvokeAI",
            instructions=instructions(connection.workspace.catalog),
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_images,
            on_read_resource=self._read_image,
        )

    @property
    def is_idle(self) -> bool:
        """Whether no line is running."""
        return not self._running.locked()

    async def _list_tools(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_listed(row) for row in TOOLS])

    async def _call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        row = BY_NAME.get(params.name)
        if row is None:
            raise MCPError(
                types.INVALID_PARAMS, f"there is no tool `{params.name}`; the tools are {', '.join(BY_NAME)}"
            )
        try:
            arguments = read_arguments(row.form, params.arguments or {})
        except UsageError as error:
            return _result(ToolAnswer(problems=tuple(describe(error))))
        if row.runs:
            return _result(await self._run(context, arguments))
        return _result(await to_thread.run_sync(answered, row.function(), self.connection, arguments))

    async def _run(self, context: Context, arguments: LineArguments | Any) -> ToolAnswer:
        """Run a line, one at a time; if the client cancels the call or goes away, the line is cancelled."""
        async with self._running:
            reports = _Reports(context)
            task = LineTask(self.connection, arguments, reports.put)
            ended = anyio.Event()

            def work() -> ToolAnswer:
                try:
                    return answered(task.work)
                finally:
                    reports.loop.call_soon_threadsafe(ended.set)

            async with anyio.create_task_group() as group:
                group.start_soon(reports.send)
                try:
                    answer = await to_thread.run_sync(work, abandon_on_cancel=True)
                except BaseException:
                    task.cancel()
                    with anyio.CancelScope(shield=True):
                        await ended.wait()
                    raise
                group.cancel_scope.cancel()
            return answer

    async def _list_images(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        return types.ListResourcesResult(
            resources=[types.Resource(**_described(link)) for link in self.connection.images]
        )

    async def _read_image(self, context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        content = await to_thread.run_sync(self.connection.image, str(params.uri))
        if content is None:
            raise MCPError(types.INVALID_PARAMS, UNKNOWN_IMAGE, {"uri": str(params.uri)})
        blob = base64.b64encode(content).decode("ascii")
        return types.ReadResourceResult(
            contents=[types.BlobResourceContents(uri=params.uri, mime_type=_mime_type(str(params.uri)), blob=blob)]
        )


class _Reports:
    """Sends the latest progress of a run to the client; reports that come faster than they are sent are dropped."""

    def __init__(self, context: Context) -> None:
        import asyncio

        self.loop = asyncio.get_running_loop()
        self._session = context.session
        self._news = anyio.Event()
        self._latest: tuple[float, float, str] = (0.0, 1.0, "")
        self._sent = -1.0

    def put(self, value: float, total: float, message: str) -> None:
        """Report progress; called in the run's thread."""
        self._latest = value, total, message
        self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._news.set()

    async def send(self) -> None:
        """Send reports until the task is cancelled."""
        while True:
            await self._news.wait()
            self._news = anyio.Event()
            value, total, message = self._latest
            if value > self._sent:  # the protocol requires that progress grows
                self._sent = value
                await self._session.report_progress(value, total, message)
            await anyio.sleep(REPORT_S)


def _listed(row: ToolRow) -> types.Tool:
    hints = types.ToolAnnotations(read_only_hint=not row.runs, destructive_hint=False, open_world_hint=False)
    return types.Tool(
        name=row.name,
        title=row.title,
        description=row.description,
        input_schema=input_schema(row.form),
        output_schema=row.schema,
        annotations=hints,
    )


def _result(answer: ToolAnswer) -> types.CallToolResult:
    links = [types.ResourceLink(**_described(link)) for link in answer.images]
    text = [types.TextContent(text=answer.page)] if answer.page or not links else []
    return types.CallToolResult(
        content=[*text, *links], structured_content=answer.content, is_error=bool(answer.problems)
    )


def _described(link: ImageLink) -> dict[str, Any]:
    name = os.path.basename(link.path)
    return {"uri": link.uri, "name": name, "title": name, "mime_type": _mime_type(link.path), "size": _size(link.path)}


def _mime_type(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def _size(path: str) -> int | None:
    try:
        return os.path.getsize(path)
    except OSError:
        return None
