"""Scripts are read from files and from standard input with the same limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.scripts import source
from workflows.scripts.source import ScriptMissing, text_from, text_of


def test_a_script_larger_than_the_limit_is_refused_whether_it_is_a_file_or_piped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "large.inv").open("wb") as large:
        large.truncate(source.MAX_BYTES + 1)
    with pytest.raises(ScriptMissing) as refused:
        text_of("large.inv", str(tmp_path))
    assert refused.value.message == "the script `large.inv` cannot be read: it is larger than 64 MiB"
    monkeypatch.setattr(source, "MAX_BYTES", 2**20)
    assert text_from(b" " * 2**20, "-") == " " * 2**20
    with pytest.raises(ScriptMissing) as refused:
        text_from(b" " * (2**20 + 1), "-")
    assert refused.value.message == "the script `-` cannot be read: it is larger than 1 MiB"
