"""The report on an attack: at which journal entries the script was killed, and what was wrong afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """The findings of an attack: which kinds of entries were hit, and what went wrong."""

    hits: Counter[str] = field(default_factory=Counter)
    worlds: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return sum(self.hits.values())

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.hits.items()))
        return f"{self.kills} kills in {self.worlds} runs: {len(self.wrong)} wrong\nhit: {kinds}\n" + "\n".join(
            self.wrong
        )
