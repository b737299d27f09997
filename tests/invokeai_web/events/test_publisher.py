"""The publisher: batches, the newest progress, previews only if wanted, changes for rooms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from invokeai_web.events.publisher import MAX_GATHERED, Publisher
from tests.invokeai_web.events.material import SESSION, Recorder, progress, said, started, wait_until


def test_a_few_events_are_published_together() -> None:
    bus = Recorder()
    publisher = Publisher(bus, interval_s=3_600)
    for event in (started(), said("a"), said("b")):
        publisher.event(SESSION, event)
    publisher.close()
    assert [len(batch) for batch in bus.batches] == [3]


def test_events_are_published_soon_without_a_flush() -> None:
    bus = Recorder()
    publisher = Publisher(bus)
    publisher.event(SESSION, said("a"))
    assert bus.wait_for(lambda: len(bus.batches) == 1)
    publisher.event(SESSION, said("b"))
    assert bus.wait_for(lambda: len(bus.batches) == 2)
    publisher.close()


def test_a_batch_that_is_full_is_published_at_once() -> None:
    bus = Recorder()
    publisher = Publisher(bus, interval_s=3_600)
    for number in range(MAX_GATHERED):
        publisher.event(SESSION, said(str(number)))
    assert [len(batch) for batch in bus.batches] == [MAX_GATHERED]
    publisher.close()


def test_of_progress_a_batch_contains_only_the_newest_of_each_node() -> None:
    bus = Recorder()
    publisher = Publisher(bus, interval_s=3_600)
    for step in range(1, 500):
        publisher.event(SESSION, progress(step))
        publisher.event(SESSION, progress(step, "other"))
    publisher.event(SESSION, said("done"))
    publisher.close()
    assert [event.get("step", event.get("message")) for event in bus.events] == [499, 499, "done"]


@pytest.mark.parametrize("wanted", [True, False])
def test_previews_are_encoded_only_while_somebody_watches(wanted: bool) -> None:
    bus = Recorder(previews=wanted)
    publisher = Publisher(bus, interval_s=3_600)
    publisher.event(SESSION, progress(1, preview=Image.new("RGB", (8, 8))))
    publisher.event(SESSION, progress(2, preview=Image.new("RGB", (12, 6))))
    publisher.close()
    assert [(each.step, each.width, each.height, each.data[:4]) for each in bus.previews] == (
        [(2, 12, 6, b"RIFF")] if wanted else []
    )


def test_changes_are_announced_in_order_and_together() -> None:
    announced: list[tuple[str, Sequence[Any]]] = []
    publisher = Publisher(
        Recorder(), announce=lambda room, changes: announced.append((room, changes)), interval_s=3_600
    )
    publisher.change("queue", {"put": 1})
    publisher.change("gallery", {"put": 2})
    publisher.change("queue", {"gone": 1})
    publisher.close()
    assert announced == [("queue", [{"put": 1}, {"gone": 1}]), ("gallery", [{"put": 2}])]


def test_messages_are_cleaned_of_folders() -> None:
    bus = Recorder()
    publisher = Publisher(bus, without_paths=lambda text: text.replace("/secret", "<data>"))
    publisher.event(SESSION, said("see /secret/file"))
    publisher.close()
    assert bus.events[0]["message"] == "see <data>/file"


def test_what_cannot_be_published_does_not_stop_the_publisher(caplog: pytest.LogCaptureFixture) -> None:
    class Fragile(Recorder):
        """A bus that fails at first."""

        def publish(self, session: str, events: Any, preview: Any = None) -> None:
            if session == "broken":
                raise RuntimeError("no")
            super().publish(session, events, preview)

    bus = Fragile()
    publisher = Publisher(bus)
    publisher.event("broken", said("lost"))
    wait_until(lambda: "events could not be published" in caplog.text)
    publisher.event(SESSION, said("told"))
    assert bus.wait_for(lambda: len(bus.batches) == 1)
    publisher.close()
    assert bus.events[0]["message"] == "told"
