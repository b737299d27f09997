"""Use the generated Python client: `program.py URL`, with the token in INVOKEAI_TOKEN."""

from __future__ import annotations

import os
import sys
import time

from invokeai_client import AuthenticatedClient
from invokeai_client.api.lines import check_line, write_line
from invokeai_client.api.nodes import get_node
from invokeai_client.api.server import about
from invokeai_client.api.sessions import create_session, list_results
from invokeai_client.models import (
    AddNode,
    AddNodeInputs,
    Edge,
    Graph,
    GraphNodes,
    MulNode,
    MulNodeInputs,
    NewSession,
    ProblemDetails,
    TypedLine,
)

DEADLINE_S = 60


def main(url: str) -> None:
    """Try some operations and check their answers."""
    client = AuthenticatedClient(base_url=url, token=os.environ["INVOKEAI_TOKEN"], raise_on_unexpected_status=True)
    assert about.sync(client=client).api == "v1"
    assert get_node.sync("blur", client=client).title == "Blur"
    refusal = get_node.sync("blurr", client=client)
    assert isinstance(refusal, ProblemDetails)
    assert (refusal.status, refusal.hint) == (404, "did you mean `blur`?")
    checked = check_line.sync(client=client, body=TypedLine(text="t2i a fox --stpes 3"))
    assert [error.code for error in checked.errors] == ["unknown_option"], checked.errors

    nodes = GraphNodes()
    nodes["1"] = AddNode(id="1", type_="add", inputs=AddNodeInputs(a=1, b=2))
    nodes["2"] = MulNode(id="2", type_="mul", inputs=MulNodeInputs(b=3))
    graph = Graph(nodes=nodes, edges=[Edge(source="1", output="value", target="2", input_="a")])
    assert write_line.sync(client=client, body=graph).text == "add 1 2 | mul 3"

    session = create_session.sync(client=client, body=NewSession(line="add 1 2 | mul 7", run=True))
    end = time.monotonic() + DEADLINE_S
    while not (found := list_results.sync(session.id, client=client).results):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert [result.value for result in found] == [21]
    wrong = AuthenticatedClient(base_url=url, token="wrong")
    assert about.sync(client=wrong).code == "unauthorized"


if __name__ == "__main__":
    main(sys.argv[1])
