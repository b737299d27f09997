"""The nodes of a session on a server that compute steps of a session here: their ids, values and links.

Images are sent up, and models are named. Latents and conditioning stay on the server: a step that uses them is linked
to the node that made them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from invocations.catalog.roles import first_argument, with_role
from invocations.frozen import frozen
from invocations.graph.exact_integers import write_inputs
from invocations.running.workers.task import TaskStep
from invocations.services.errors import ServiceError
from invocations.spec import InvocationSpec
from invocations.values import ConditioningRef, ImageRef, LatentsRef, MaskRef, ModelRef, Ref, to_json

from .tensor_sources import TensorSources

Catalog = Mapping[str, InvocationSpec]
Output = tuple[str, str]  # a node of the server's session and one of its outputs


@frozen
class NewNode:
    """A node to add to the server's session, as JSON data, with its links."""

    id: str
    type: str
    inputs: Mapping[str, Any]
    links: tuple[Mapping[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the request that adds the node."""
        return {"node": {"id": self.id, "type": self.type, "inputs": dict(self.inputs)}, "links": list(self.links)}


class ServerNodes:
    """What the server's session contains.

    send_image: sends an image up and returns its name on the server. sources: how tensors of earlier sessions were made
    """

    def __init__(self, catalog: Catalog, send_image: Callable[[ImageRef], str], sources: TensorSources) -> None:
        self._catalog = catalog
        self._send_image = send_image
        self._sources = sources
        self._numbers = count(1)  # of nodes that are added for others
        self._made: dict[str, Output] = {}  # where references to tensors come from, by name
        self._models: dict[tuple[Any, ...], Output] = {}

    def nodes_for(self, step: TaskStep, id_: str) -> list[NewNode]:
        """Return the nodes to add for a step: those of its models, if they are new, and its own with this id.

        Raises: ServiceError, if an image cannot be sent or an input is no longer on the server.
        """
        added: list[NewNode] = []
        self._add_step(step, id_, added)
        return added

    def _add_step(self, step: TaskStep, id_: str, added: list[NewNode]) -> None:
        inputs: dict[str, Any] = {}
        links: list[Mapping[str, str]] = []
        for name, value in step.inputs.items():
            source = self._source(value, added) if isinstance(value, Ref) else None
            if source is not None:
                links.append({"source": source[0], "output": source[1], "input": name})
            else:
                inputs[name] = self._sent(value)
        written = write_inputs(step.type, inputs, self._catalog)
        added.append(NewNode(id_, step.type, written, tuple(links)))

    def made(self, id_: str, step: TaskStep, outputs: Mapping[str, Any]) -> None:
        """Remember which node has made tensors, and how. Raises: SaveFailed."""
        for output, value in outputs.items():
            if isinstance(value, (LatentsRef, ConditioningRef)):
                self._made[value.name] = (id_, output)
                self._sources.keep(value.name, step, output)

    def forget(self) -> None:
        """Forget all nodes, because the server's session is gone."""
        self._made.clear()
        self._models.clear()

    def _source(self, value: Ref, added: list[NewNode]) -> Output | None:
        """Return the node that a reference comes from, None for an image, which is sent. Raises: ServiceError."""
        if isinstance(value, ModelRef):
            return self._model(value, added)
        if not isinstance(value, (LatentsRef, ConditioningRef)):
            return None
        if value.name not in self._made:
            source = self._sources.find(value.name)
            if source is None:
                message = f"the {value.kind} that this node uses are no longer on the server"
                raise ServiceError(message, "run the whole line again", code="tensors_gone")
            id_ = f"again-{next(self._numbers)}"
            self._add_step(source.step, id_, added)
            self._made[value.name] = (id_, source.output)
        return self._made[value.name]

    def _model(self, ref: ModelRef, added: list[NewNode]) -> Output:
        key = (ref.model, ref.parts)
        if key not in self._models:
            loader = with_role(self._catalog, f"loads:{ModelRef.kind}")
            assert loader is not None
            end = self._add(added, loader, {first_argument(loader): ref.model})
            for _, _, vae in ref.parts or ():
                end = self._with_vae(end, vae, added)
            self._models[key] = end
        return self._models[key]

    def _with_vae(self, model: Output, vae: str, added: list[NewNode]) -> Output:
        spec = next(each for each in self._catalog.values() if "adapts" in each.roles)
        primary = spec.primary_input
        assert primary is not None
        link = {"source": model[0], "output": model[1], "input": primary.name}
        return self._add(added, spec, {first_argument(spec): vae}, (link,))

    def _add(
        self, added: list[NewNode], spec: InvocationSpec, inputs: Mapping[str, Any], links: tuple[Any, ...] = ()
    ) -> Output:
        output = spec.primary_output
        assert output is not None
        node = NewNode(f"model-{next(self._numbers)}", spec.type, inputs, links)
        added.append(node)
        return node.id, output.name

    def _sent(self, value: Any) -> Any:
        """Return a value as JSON data, in which images have their names on the server."""
        if isinstance(value, ImageRef):
            kind = MaskRef.kind if isinstance(value, MaskRef) else ImageRef.kind
            return {"kind": kind, "name": self._send_image(value), "width": value.width, "height": value.height}
        if isinstance(value, (list, tuple)):
            return [self._sent(item) for item in value]
        if isinstance(value, dict):
            return {key: self._sent(item) for key, item in value.items()}
        return to_json(value)
