"""The route of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from invokeai_web.api_router import ApiRouter
from invokeai_web.etags import etag_of, is_known, not_modified
from invokeai_web.openapi.made_documents import MadeDocuments

router = ApiRouter("server")


@router.get("/openapi.json", response_model=dict[str, Any])
def get_openapi(request: Request) -> Response:
    """Return this document, with the nodes of the server's plug-ins."""
    documents: MadeDocuments = request.app.state.documents
    digest, data = documents.current()
    tag, cache = etag_of(digest, "openapi"), {"Cache-Control": "no-cache"}
    if is_known(request, tag):
        return not_modified(tag, cache)
    return Response(data, media_type="application/json", headers={"ETag": tag, **cache})
