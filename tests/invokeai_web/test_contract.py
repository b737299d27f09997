"""Generated requests to every address are answered as the OpenAPI document says; `make contract` sends many more."""

from __future__ import annotations

import pytest

from invokeai_web.api_app import routed_app
from tests.attacks.contract import failures
from tests.invokeai_web.addresses import all_routes

EXAMPLES = 2  # for each address and method; one follows the document, one breaks it


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_address_answers_as_the_document_says() -> None:
    found = dict(failures(EXAMPLES))
    assert {label: problem for label, problem in found.items() if problem} == {}
    routes = [route for route in all_routes(routed_app()) if route.path.startswith("/api/")]
    assert len(found) == len(routes)
