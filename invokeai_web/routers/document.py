"""The route of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from invokeai_web.api_router import ApiRouter
from invokeai_web.entity_tags import not_modified
from invokeai_web.openapi.made_documents import MadeDocuments

router = ApiRouter("server")


@router.get("/openapi.json", response_model=dict[str, Any])
def get_openapi(request: Request) -> Response:
    """Return this document, with the nodes of the server's plug-ins."""
    documents: MadeDocuments = request.app.state.documents
    digest, data = documents.current()
    tag = f'"{digest}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    return not_modified(request, tag) or Response(data, media_type="application/json", headers=headers)
