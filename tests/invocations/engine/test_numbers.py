"""Every numbered behaviour has its test, once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path


def test_each_number_is_the_name_of_one_test():
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_*.py")))
    found = Counter(re.findall(r"^def test_(\d{3}[ab]?)_", text, re.MULTILINE))
    wanted = {f"{number:03}" for number in (*range(1, 80), *range(84, 96))} | {"031a", "031b"}
    assert {number for number in found if number != "104"} == wanted
    assert [number for number, count in found.items() if count > 1 and number != "104"] == []
