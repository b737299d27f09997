"""The directive `doctor` prints a table or a JSON document and sets the exit status."""

from __future__ import annotations

from pathlib import Path

from tests.invokeai_cli.conftest import TypeLine


def test_doctor_exits_with_0_if_the_installation_is_sound(type_: TypeLine) -> None:
    result = type_("doctor")
    assert (result.status, result.err) == (0, "")
    assert result.out.endswith("\n\neverything works\n")
    assert result.out.splitlines()[0].split() == ["check", "found"]
    assert type_("sessions").out == "nothing has been run yet\n"


def test_doctor_lists_each_problem_with_a_remedy_and_exits_with_1(type_: TypeLine, isolated_home: Path) -> None:
    (isolated_home / "data").write_text("a file")
    result = type_("doctor")
    assert result.status == 1
    assert result.out.splitlines()[-2:] == [
        "1 error; what to do:",
        "  data folder: make it writable, or choose another one: see `help environment`",
    ]


def test_doctor_exits_with_0_if_it_finds_only_warnings(type_: TypeLine, nodes_folder: Path) -> None:
    (nodes_folder / "broken.py").write_text("import no_such_library\n")
    result = type_("doctor")
    assert result.status == 0
    assert result.out.splitlines()[-2:] == ["1 warning; what to do:", "  plug-in: fix it, or remove it"]


def test_doctor_prints_its_findings_as_json(type_: TypeLine) -> None:
    document = type_("doctor", "--json", INVOKEAI_DEVICE="cuda:7").document
    assert (document["schema"], document["healthy"]) == ("doctor/1", False)
    wrong = [each for each in document["findings"] if each["status"] != "ok"]
    assert [each["check"] for each in wrong] == ["device", "self test"]
    assert all(set(each) == {"check", "status", "message", "hint"} for each in document["findings"])
