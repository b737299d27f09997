"""Compare two OpenAPI documents: a newer one may offer more, but a client of the older one must still work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
PREFIX: Final = "#/components/schemas/"
LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def narrowed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what the newer document lacks, demands or refuses that the older one does not, one text for each."""
    return [*_paths(old, new), *_components(old, new)]


def _paths(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for path, item in old["paths"].items():
        for method, operation in item.items():
            now = new["paths"].get(path, {}).get(method)
            place = f"{method.upper()} {path}"
            if now is None:
                yield f"{place} was removed"
                continue
            if now["operationId"] != operation["operationId"]:
                yield f"{place} is now called {now['operationId']}"
            yield from _parameters(place, operation, now)


def _parameters(place: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = ({(each["in"], each["name"]): each for each in one.get("parameters", ())} for one in (old, new))
    for key in before.keys() - after.keys():
        yield f"{place}: the parameter {key[1]} was removed"
    for key, parameter in after.items():
        if parameter.get("required") and not before.get(key, {}).get("required"):
            yield f"{place}: the parameter {key[1]} is required now"
        elif key in before:
            yield from _accepted(f"{place}: {key[1]}", before[key].get("schema", {}), parameter.get("schema", {}))
    if new.get("requestBody", {}).get("required") and not old.get("requestBody", {}).get("required"):
        yield f"{place}: a body is required now"


def _components(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    sent = _reachable(old, "requestBody")
    answered = _reachable(old, "responses")
    schemas = new["components"]["schemas"]
    for name, schema in old["components"]["schemas"].items():
        if name not in schemas:
            yield f"the schema {name} was removed"
            continue
        now = schemas[name]
        if name in sent:
            yield from _accepted(name, schema, now)
        yield from _fields(name, schema, now, is_answer=name in answered)


def _fields(place: str, old: Schema, new: Schema, *, is_answer: bool) -> Iterator[str]:
    """Yield fields that were removed, and those that an answer no longer always has."""
    for name, field in old.get("properties", {}).items():
        now = new.get("properties", {}).get(name)
        if now is None:
            yield f"{place}: the field {name} was removed"
        else:
            yield from _fields(f"{place}.{name}", field, now, is_answer=is_answer)
    if is_answer:
        for name in set(old.get("required", ())) - set(new.get("required", ())):
            yield f"{place}: the field {name} may be missing now"


def _accepted(place: str, old: Schema, new: Schema) -> Iterator[str]:
    """Yield what a request may no longer contain."""
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{place}: the field {name} is required now"
    for word in set(map(str, old.get("enum", ()))) - set(map(str, new.get("enum", old.get("enum", ())))):
        yield f"{place} no longer accepts {word}"
    if "type" in old and "type" in new and old["type"] != new["type"]:
        yield f"{place} is now of the type {new['type']}"
    for name in (*LOWER, *UPPER):
        if name in new and (name not in old or (new[name] > old[name] if name in LOWER else new[name] < old[name])):
            yield f"{place} has a tighter {name}"
    for name, field in old.get("properties", {}).items():
        now = new.get("properties", {}).get(name)
        if now is not None:
            yield from _accepted(f"{place}.{name}", field, now)


def _reachable(document: Mapping[str, Any], part: str) -> set[str]:
    """Return the names of the schemas that requests (`requestBody`) or answers (`responses`) refer to."""
    found: set[str] = set()
    waiting = [operation.get(part, {}) for item in document["paths"].values() for operation in item.values()]
    while waiting:
        data = waiting.pop()
        if isinstance(data, Mapping):
            name = data.get("$ref")
            if isinstance(name, str) and name.startswith(PREFIX) and name.removeprefix(PREFIX) not in found:
                found.add(name.removeprefix(PREFIX))
                waiting.append(document["components"]["schemas"][name.removeprefix(PREFIX)])
            waiting.extend(data.values())
        elif isinstance(data, list):
            waiting.extend(data)
    return found
