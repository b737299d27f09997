"""Sessions as JSON documents: an exported session can be imported, and any other document is refused."""

from __future__ import annotations

import copy
import json

import pytest

from invocations import errors
from invocations.storing.exporting import document_of
from invocations.storing.importing import session_of


@pytest.fixture
def document(make_bench, n):
    """Return the document of a session with results, a loop, a failed and a skipped node, and a line not yet run."""
    bench = make_bench()
    loop = [n("a upto", n=3), n("i iterate"), n("b mul", b=2)]
    bench.grow(loop, "a.collection > i.collection", "i.item > b.a", line="upto 3 | iterate | mul 2").run()
    failing = [n("bad picky", a=13), n("after mul", b=2)]
    bench.grow(failing, "bad.value > after.a", line="picky 13 | mul 2", source="x.inv:2").run()
    bench.grow([n("late number", value=7)], line="| number 7")
    return json.loads(json.dumps(document_of(bench.session)))


def test_an_imported_session_is_exported_as_the_same_document(document, specs):
    session = session_of(document, specs)
    again = json.loads(json.dumps(document_of(session)))
    assert again == document
    assert [line["outcome"] for line in again["lines"]] == ["done", "failed", ""]
    assert len(again["results"]) > 3
    assert [each["node"] for each in again["errors"]] == ["bad"]
    assert json.dumps(document_of(session_of(again, specs))) == json.dumps(document)


def test_a_document_without_memory_measurements_is_accepted(document, specs):
    for each in document["results"]:
        del each["bytes"]
    assert len(session_of(document, specs).results) == len(document["results"])


def test_an_imported_session_can_be_continued(document, make_bench, specs):
    bench = make_bench()
    session = session_of(document, specs, "mine")
    bench.invoker.add(session)
    bench.session = bench.invoker.open("mine")
    for attempt in (bench.run, bench.retry, lambda: bench.invoker.step("mine"), lambda: bench.invoker.resume("mine")):
        before = len(session.log)
        with pytest.raises(errors.SessionNotTrusted, match="session `mine` was imported"):
            attempt()
        assert len(session.log) == before
    bench.invoker.trust("mine")
    assert bench.run().ran() == ["late"]
    bench.reopen()
    assert bench.values("late") == [7]
    assert bench.values("b") == [0, 2, 4]


def without(*keys):
    def change(data):
        for key in keys[:-1]:
            data = data[key]
        del data[keys[-1]]

    return change


def put(value, *keys):
    def change(data):
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("schema"), "not an exported session"),
        (put("plan/1", "schema"), "not an exported session"),
        (put("session-export/2", "schema"), "exported as session-export/2, but this program reads session-export/1"),
        (put("nonsense", "graph", "nodes", "a", "type"), "unknown types: `nonsense`"),
        (without("lines"), "damaged: 'lines' is missing"),
        (without("graph", "nodes", "a", "inputs"), "damaged: 'inputs' is missing"),
        (put("../x", "id"), "'../x' is not a session id"),
        (put("x", "created"), "'x' is not a number"),
        (put(float("inf"), "created"), "inf is not a number"),
        (put("c", "graph", "nodes", "a", "id"), "the node under the key `a` has the id `c`"),
        (put("late", "graph", "edges", 0, "source"), "in the graph:"),
        (put("nowhere", "graph", "edges", 0, "source"), "in the graph:"),
        (put(5, "lines", 1, "number"), "line 2 is missing"),
        (put(["late", "a"], "lines", 2, "nodes"), "'a' is missing"),
        (put([], "lines", 2, "nodes"), "node `late` belongs to no line"),
        (put("well", "lines", 0, "outcome"), "line 1 has the unknown outcome 'well'"),
        (put(7, "lines", 0, "line"), "7 is not a string"),
        (put("nobody", "results", 0, "node"), "node `nobody`, which does not exist"),
        (put([-1], "results", 0, "path"), "which does not exist"),
        (put({"price": 1}, "results", 0, "outputs"), "has an unknown output"),
        (put([1], "results", 0, "bytes"), "damaged: "),
        (put(["x", 1, 2], "results", 0, "bytes"), "'x' is not a whole number"),
        (put({"kind": "image", "size": 1}, "results", 0, "outputs"), "damaged: "),
        (put([1], "errors", 0, "error"), "damaged: "),
        (put("x", "errors", 0, "error", "mood"), "damaged: an error has the unknown field 'mood'"),
        (put(5, "errors", 0, "error", "code"), "damaged: 5 is not a string"),
        (put(10**400, "created"), "damaged: a huge integer is not a number"),
        (put(10**400, "lines", 0, "seconds"), "damaged: a huge integer is not a number"),
        (put([{}], "stages"), "damaged: 'number' is missing"),
    ],
)
def test_a_document_that_cannot_be_imported_is_refused_with_the_reason(document, specs, change, message):
    data = copy.deepcopy(document)
    change(data)
    with pytest.raises(errors.NotImportable) as refused:
        session_of(data, specs)
    assert message in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("data", [None, 1, "x", [], {}, {"schema": 1}, {"schema": "session-export/1"}])
def test_data_that_is_not_a_session_document_is_refused(data, specs):
    with pytest.raises(errors.NotImportable):
        session_of(data, specs)


def test_a_document_with_any_change_is_accepted_or_refused_without_a_traceback(document, specs):
    """Whatever value is put anywhere in a document, the document is accepted or refused without a traceback."""

    def places(data, path=()):
        yield path
        items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
        for key, value in list(items)[:3]:
            yield from places(value, (*path, key))

    for path in [path for path in places(document) if path]:
        for value in (None, "x", -1, [], {}, [[]], {"kind": "image"}, "\ud800"):
            data = copy.deepcopy(document)
            put(value, *path)(data)
            try:
                session_of(data, specs)
            except errors.NotImportable:
                continue
