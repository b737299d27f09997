"""The rows of workers: what each worker does, in the order of their names."""

from __future__ import annotations

import pytest

from workflows.running_task import Task
from workflows.worker_rows import HERE, WorkerRows


@pytest.fixture
def rows() -> WorkerRows:
    """Return the rows of two workers that are ready."""
    made = WorkerRows(lambda: 7.0)
    made.changed("w2", "ready", "cpu")
    made.changed("w1", "ready", "cpu")
    return made


def labels(rows: WorkerRows) -> list[str]:
    return [task.label for task in rows.shown(80)]


def test_a_task_begins_when_a_worker_has_it_and_bears_the_name_of_the_worker(rows: WorkerRows) -> None:
    task = Task("denoise", 2.0)
    rows.assigned("w2", "d", task)
    assert (task.began, task.label, rows.at_work()) == (7.0, "w2 denoise", [task])


def test_a_worker_names_the_library_that_it_is_importing_instead_of_its_node(rows: WorkerRows) -> None:
    rows.assigned("w1", "d", Task("denoise", 2.0))
    rows.changed("w1", "importing", library="torch")
    assert labels(rows) == ["w1 importing torch"]
    rows.changed("w1", "importing")
    assert labels(rows) == ["w1 denoise"]


def test_the_only_worker_and_this_process_need_no_name() -> None:
    rows = WorkerRows(lambda: 7.0)
    rows.changed("engine", "ready", "cpu")
    rows.assigned("engine", "d", Task("denoise", 2.0))
    rows.assigned(HERE, "s", Task("save", 2.0))
    assert not rows.are_several
    assert labels(rows) == ["denoise"]


def test_a_model_that_a_lost_worker_was_loading_is_returned(rows: WorkerRows) -> None:
    rows.assigned("w1", "d", Task("denoise", 2.0))
    rows.loading("d", "l", Task("loading sdxl", 2.0))
    assert labels(rows) == ["w1 loading sdxl"]
    assert rows.changed("w1", "lost") == ["l"]
    assert labels(rows) == ["w1 restarting"]


def test_a_model_that_no_worker_loads_has_no_row_of_a_worker(rows: WorkerRows) -> None:
    task = Task("loading sdxl", 2.0)
    rows.loading("d", "l", task)
    assert (labels(rows), task.owner) == ([], "")


def test_an_excluded_worker_is_forgotten(rows: WorkerRows) -> None:
    rows.assigned("w1", "d", Task("denoise", 2.0))
    assert rows.changed("w1", "excluded") == []
    assert (labels(rows), rows.are_several) == ([], False)


def test_a_worker_that_begins_another_node_or_is_ready_has_ended_the_one_before(rows: WorkerRows) -> None:
    rows.assigned("w1", "d", Task("denoise", 2.0))
    rows.assigned("w1", "e", Task("decode", 2.0))
    assert [task.label for task in rows.at_work()] == ["w1 decode"]
    rows.changed("w1", "ready")
    assert rows.at_work() == []


def test_the_nodes_of_a_batch_are_in_progress_together(rows: WorkerRows) -> None:
    rows.assigned("w1", "a", Task("noise", 2.0))
    for key in "bc":
        rows.assigned("w1", key, Task("denoise (2 images)", 2.0), batch=2)
    rows.ended("b")
    assert [task.label for task in rows.at_work()] == ["w1 denoise (2 images)"]
    rows.ended("c")
    assert rows.at_work() == []
