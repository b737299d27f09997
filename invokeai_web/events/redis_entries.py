"""Batches and previews as they are stored in Redis."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .base import Batch, Numbered, Preview
from .public_event import PublicEvent

Fields = Mapping[bytes, bytes]
Entry = tuple[bytes, Fields]


def texts_of(events: Sequence[PublicEvent]) -> tuple[str, str]:
    """Return the texts of events, one a line, and which of them report the progress of which node, as JSON."""
    progress = {index: event.progress_of for index, event in enumerate(events) if event.progress_of is not None}
    return "\n".join(event.text for event in events), json.dumps(progress) if progress else ""


def batch_of(session: str, entry: Entry) -> Batch:
    """Return the batch that an entry of the stream of events contains."""
    id_, fields = entry
    epoch, last = id_.decode().split("-")
    after = int(fields[b"after"])
    progress = json.loads(fields[b"progress"] or b"{}")
    events = [
        Numbered(number, PublicEvent(text, _key(progress.get(str(number - after - 1)))))
        for number, text in enumerate(fields[b"texts"].decode().split("\n"), after + 1)
    ]
    return Batch(session, epoch, after, int(last), tuple(events))


def replayed(session: str, epoch: str, after: int, last: int, entries: Sequence[Entry]) -> Batch | None:
    """Return the events after a number, of progress only the newest; None if they are not all there."""
    batches = [batch_of(session, entry) for entry in entries]
    reached = after
    for batch in batches:
        if batch.after > reached:
            return None
        reached = batch.last
    if reached < last:
        return None
    events = [event for batch in batches for event in batch.beyond(after)]
    newest = {event.event.progress_of: event.number for event in events}
    kept = [e for e in events if e.event.progress_of is None or newest[e.event.progress_of] == e.number]
    return Batch(session, epoch, after, last, tuple(kept))


def preview_to_bytes(preview: Preview) -> bytes:
    """Return a preview as bytes: a line of JSON, and the image."""
    about = [preview.node, preview.path, preview.step, preview.of, preview.width, preview.height]
    return json.dumps(about).encode() + b"\n" + preview.data


def preview_from_fields(session: str, fields: Fields) -> Preview:
    """Return the preview that an entry contains."""
    head, data = fields[b"preview"].split(b"\n", 1)
    node, path, step, of, width, height = json.loads(head)
    return Preview(session, node, tuple(path), int(fields[b"number"]), step, of, width, height, data)


def _key(found: Any) -> tuple[str, tuple[int, ...]] | None:
    return None if found is None else (found[0], tuple(found[1]))
