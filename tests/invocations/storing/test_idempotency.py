"""A request with a key is carried out once; its answer is repeated for a day."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from invocations.errors import BadValue
from invocations.storing.idempotency import (
    KEPT_S,
    MAX_ANSWER,
    MAX_BYTES,
    KeyInUse,
    KeyReused,
    RecordedAnswer,
    RequestRecords,
)

MADE = RecordedAnswer(201, b'{"id": 1}', (("Location", "/api/v1/sessions/1"), ("ETag", '"1"')))


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def records(tmp_path, clock):
    made = RequestRecords(tmp_path / "deep" / "requests.sqlite", lambda: clock[0])
    yield made
    made.close()


def test_the_answer_to_a_request_is_repeated_and_not_computed_again(records):
    assert records.begin("k", "post a") is None
    records.finish("k", MADE)
    assert records.begin("k", "post a") == MADE
    assert records.begin("k", "post a") == MADE


def test_a_key_that_was_used_for_another_request_is_refused(records):
    records.begin("k", "post a")
    records.finish("k", MADE)
    with pytest.raises(KeyReused) as refused:
        records.begin("k", "post b")
    assert refused.value.message == "the key `k` was used for another request"
    assert (refused.value.hint, refused.value.key) == ("choose a new key for each request", "k")
    assert records.begin("k", "post a") == MADE


def test_a_request_that_is_still_running_is_refused(records):
    records.begin("k", "post a")
    with pytest.raises(KeyInUse) as refused:
        records.begin("k", "post a")
    assert refused.value.message == "the request with the key `k` is still running"
    assert refused.value.hint == "repeat it later"
    with pytest.raises(KeyReused):
        records.begin("k", "post b")


def test_a_request_that_failed_may_be_repeated(records):
    records.begin("k", "post a")
    records.abandon("k")
    assert records.begin("k", "post b") is None


def test_answers_are_forgotten_after_a_day(records, clock):
    records.begin("k", "post a")
    records.finish("k", MADE)
    clock[0] += KEPT_S - 1
    assert records.begin("k", "post a") == MADE
    clock[0] += 1
    assert records.begin("k", "post b") is None
    assert records._read("select count(*) from requests")[0][0] == 1


def test_answers_survive_a_restart(tmp_path):
    first = RequestRecords(tmp_path / "requests.sqlite")
    first.begin("k", "post a")
    first.finish("k", MADE)
    first.begin("open", "post a")
    first.close()
    second = RequestRecords(tmp_path / "requests.sqlite")
    assert second.begin("k", "post a") == MADE
    assert second.begin("open", "post a") is None  # its process has ended before it was answered
    second.close()


def test_a_request_that_another_process_carries_out_is_refused_until_that_process_is_killed(tmp_path):
    path = tmp_path / "requests.sqlite"
    code = f"""
from pathlib import Path
from invocations.storing.idempotency import RequestRecords
records = RequestRecords(Path({str(path)!r}))
print(records.begin("k", "post a"), flush=True)
input()
"""
    root = Path(__file__).parents[3]
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdin is not None
    try:
        assert child.stdout.readline() == "None\n"
        records = RequestRecords(path)
        with pytest.raises(KeyInUse):
            records.begin("k", "post a")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        child.stdin.close()
    assert records.begin("k", "post a") is None
    records.close()


def test_of_many_threads_with_one_key_only_one_carries_out_the_request(records):
    outcomes = []

    def work():
        try:
            outcomes.append(records.begin("k", "post a"))
        except KeyInUse:
            outcomes.append("in use")

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["None", *["in use"] * 11]


def test_an_answer_that_is_too_long_is_not_kept(records):
    records.begin("k", "post a")
    records.finish("k", RecordedAnswer(200, b"x" * (MAX_ANSWER + 1)))
    assert records.begin("k", "post a") is None


def test_the_oldest_answers_are_dropped_when_the_file_is_full(records, clock):
    count = MAX_BYTES // MAX_ANSWER + 2
    for number in range(count):
        clock[0] += 1
        records.begin(f"k{number}", "post a")
        records.finish(f"k{number}", RecordedAnswer(200, b"x" * MAX_ANSWER))
    assert records._read("select total(length(body)) from requests")[0][0] <= MAX_BYTES
    assert records.begin("k0", "post a") is None
    assert records.begin(f"k{count - 1}", "post a") is not None


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "\0", "a\u2028b"], ids=range(5))
def test_a_key_that_is_no_key_is_refused(records, key):
    with pytest.raises(BadValue) as refused:
        records.begin(key, "post a")
    assert refused.value.message == "an idempotency key has 1 to 255 characters that can be printed"
    assert refused.value.hint == "a random UUID is a good key"
