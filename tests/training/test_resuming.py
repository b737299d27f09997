"""Training resumes from its last checkpoint: a kill loses only the steps since then."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from training.addition import train_module
from training.learn import Clock, load_checkpoint, save_checkpoint, schedule

CPU = torch.device("cpu")


def learner() -> tuple[nn.Module, list[int]]:
    torch.manual_seed(0)
    return nn.Linear(3, 1), []


def lesson(module: nn.Module, calls: list[int]) -> Tensor:
    calls.append(1)
    loss: Tensor = (module(torch.randn(4, 3)) - 1).square().mean()
    return loss


def test_a_second_training_run_resumes_from_the_checkpoint_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "run.pt"
    module, calls = learner()
    first = train_module("test", module, 0.003, 1, file, lambda: lesson(module, calls))
    again, more = learner()
    total = train_module("test", again, 0.006, 1, file, lambda: lesson(again, more))
    assert first == len(calls)
    assert total == first + len(more) > first


def test_resuming_a_finished_training_run_takes_no_more_steps(tmp_path: Path) -> None:
    file = tmp_path / "run.pt"
    module, calls = learner()
    steps = train_module("test", module, 0.002, 1, file, lambda: lesson(module, calls))
    weights = module.state_dict()
    again, more = learner()
    assert train_module("test", again, 0.002, 1, file, lambda: lesson(again, more)) == steps
    assert more == []
    assert all(torch.equal(again.state_dict()[name], weights[name]) for name in weights)


def test_a_kill_while_a_checkpoint_is_written_leaves_the_previous_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.pt"
    save_checkpoint(file, {"step": 1})

    def half(state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(file, {"step": 2})
    assert load_checkpoint(file, CPU) == {"step": 1}


def test_the_learning_rate_warms_up_stays_constant_and_falls_to_zero() -> None:
    rates = [schedule(progress / 100) for progress in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == 1.0
    assert rates[100] == 0.0
    assert rates[40:] == sorted(rates[40:], reverse=True)


def test_the_training_clock_includes_the_time_before_a_resume() -> None:
    assert not Clock(1.0, spent=60.0).running()
    assert Clock(1.0, spent=30.0).progress == pytest.approx(0.5, abs=0.01)
