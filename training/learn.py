"""Code shared by all training runs: device, optimizer, crash-safe checkpoints, the run's clock."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as fn

RUNS = Path("training/runs")


def pick_device() -> torch.device:
    """Return a GPU if one is available, otherwise the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half_precision(device: torch.device) -> torch.autocast:
    """Return bfloat16 autocast, enabled only if the hardware is fast at it."""
    asked = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    fast = device.type == "cuda" or bool(asked())
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=fast)


def exact_attention(device: torch.device) -> None:
    """Compute attention in float32 on CPUs, where its backward pass in bfloat16 is six times slower."""
    if device.type != "cpu" or getattr(fn.scaled_dot_product_attention, "exact", False):
        return
    fast = fn.scaled_dot_product_attention

    def attention(query: Tensor, key: Tensor, value: Tensor, *more: Any, **named: Any) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            return fast(query.float(), key.float(), value.float(), *more, **named).to(query.dtype)

    attention.exact = True  # type: ignore[attr-defined]
    fn.scaled_dot_product_attention = attention


def orthogonal(matrix: Tensor, rounds: int = 4) -> Tensor:
    """Approximate the nearest orthogonal matrix by Newton-Schulz steps (Jordan et al., Muon, 2024)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    if x.shape[1] >= 3 * x.shape[0]:
        x = _by_gram(x, rounds, (a, b, c))
    else:
        x = x.bfloat16()
        for _ in range(rounds):
            gram = x @ x.T
            x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
        x = x.float()
    return x.T if tall else x


def _by_gram(x: Tensor, rounds: int, factors: tuple[float, float, float]) -> Tensor:
    """Run the Newton-Schulz steps on the Gram matrix x x^T, which is smaller and commutes with its polynomials."""
    a, b, c = factors
    gram = x @ x.T
    unit = torch.eye(len(gram), device=x.device)
    product = unit
    for turn in range(rounds):
        factor = torch.addmm(gram, gram, gram, beta=b, alpha=c).add_(unit, alpha=a)
        product = factor @ product
        if turn < rounds - 1:
            gram = factor @ gram @ factor
    return product @ x


class Muon(torch.optim.Optimizer):
    """Muon for matrices and convolution kernels, Adam for the rest, in separate parameter groups."""

    def __init__(self, matrices: Iterable[Tensor], others: Iterable[Tensor], lr: float, adam_lr: float) -> None:
        groups = [
            {"params": list(matrices), "lr": lr, "peak": lr, "muon": True},
            {"params": list(others), "lr": adam_lr, "peak": adam_lr, "muon": False},
        ]
        super().__init__(groups, {})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update the weights by one step."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                if group["muon"]:
                    self._muon(weight, weight.grad, group["lr"])
                else:
                    self._adam(weight, weight.grad, group["lr"])

    def _muon(self, weight: Tensor, grad: Tensor, lr: float, momentum: float = 0.95) -> None:
        state = self.state[weight]
        mean = state.setdefault("mean", torch.zeros_like(weight))
        mean.mul_(momentum).add_(grad)
        push = grad.add(mean, alpha=momentum).flatten(1)
        scale = 0.2 * math.sqrt(max(push.shape))
        weight.mul_(1 - lr * 0.01)
        weight.add_(orthogonal(push).view_as(weight), alpha=-lr * scale)

    def _adam(self, weight: Tensor, grad: Tensor, lr: float) -> None:
        first, second = 0.9, 0.98
        state = self.state[weight]
        mean = state.setdefault("mean", torch.zeros_like(weight))
        square = state.setdefault("square", torch.zeros_like(weight))
        count = state["count"] = state.get("count", 0) + 1
        mean.lerp_(grad, 1 - first)
        square.lerp_(grad.square(), 1 - second)
        step = lr * math.sqrt(1 - second**count) / (1 - first**count)
        weight.addcdiv_(mean, square.sqrt().add_(1e-8), value=-step)


def optimizer(modules: Iterable[nn.Module], lr: float, adam_lr: float) -> Muon:
    """Return an optimizer that assigns matrices and kernels to Muon and all other weights to Adam."""
    matrices: list[Tensor] = []
    others: list[Tensor] = []
    for module in modules:
        for name, weight in module.named_parameters():
            if weight.requires_grad:
                inner = weight.ndim >= 2 and "embedding.weight" not in name and not name.startswith("conv_out")
                (matrices if inner else others).append(weight)
    return Muon(matrices, others, lr, adam_lr)


def set_rate(optim: torch.optim.Optimizer, share: float) -> None:
    """Set every group's learning rate to a fraction of its peak."""
    for group in optim.param_groups:
        group["lr"] = group["peak"] * share


def schedule(progress: float, warm: float = 0.01, fall: float = 0.6) -> float:
    """Return the learning-rate factor at a progress from 0 to 1: warm-up, constant, linear decay to zero."""
    if progress < warm:
        return 0.1 + 0.9 * progress / warm
    if progress < 1 - fall:
        return 1.0
    return max(0.0, (1 - progress) / fall)


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint atomically: if the process is killed, a complete one remains, old or new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(partial, path)


def load_checkpoint(path: Path, device: torch.device) -> dict[str, Any] | None:
    """Load a checkpoint, or return None if there is none."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    return state


class Clock:
    """Measures training time across interruptions, and decides when to save and when to stop."""

    def __init__(self, minutes: float, spent: float = 0.0) -> None:
        self.budget, self._before, self._start = minutes * 60, spent, time.monotonic()
        self._marks: dict[str, float] = {}
        self.stopped = False

    @property
    def spent(self) -> float:
        """Seconds of training so far, including time before the last resume."""
        return self._before + time.monotonic() - self._start

    @property
    def progress(self) -> float:
        """The fraction of the time budget used so far, 0 to 1."""
        return min(1.0, self.spent / self.budget)

    def due(self, what: str, every: float) -> bool:
        """Return True if a recurring action is due (`every`: interval in seconds), and restart its interval."""
        last = self._marks.setdefault(what, self.spent)
        if self.spent - last < every:
            return False
        self._marks[what] = self.spent
        return True

    def running(self) -> bool:
        """Return True while time is left and the run has not been stopped."""
        return not self.stopped and self.progress < 1


@contextmanager
def stoppable(clock: Clock) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the run after the current step."""

    def stop(*_: object) -> None:
        clock.stopped = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
