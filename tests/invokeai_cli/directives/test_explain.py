"""The directive `explain` shows the plan for a line, with values, links and the reasons for them, and runs nothing."""

from __future__ import annotations

from pathlib import Path

from tests.invokeai_cli.conftest import TypeLine


def test_explain_shows_values_links_and_reasons_and_runs_nothing(type_: TypeLine, fox: Path) -> None:
    result = type_("explain", "load fox.png | blur 4")
    assert (result.status, result.err) == (0, "")
    assert '"fox.png"  written' in result.out
    assert "<- 1.image  piped" in result.out
    assert "added to save the image" in result.out
    assert list(fox.parent.iterdir()) == [fox]
    for words in (("explain", "load", "fox.png", "|", "blur", "4"), ("explain load fox.png | blur 4",)):
        assert type_(*words).out == result.out
    assert type_("-", stdin="explain load fox.png | blur 4\n").out == result.out


def test_explain_prints_the_plan_as_json(type_: TypeLine) -> None:
    plan = type_("explain", "range 1 4 | iterate | mul 2", "--json").document
    assert plan["schema"] == "plan/1"
    assert [node["type"] for node in plan["nodes"]] == ["range", "iterate", "mul"]
    assert {edge["reason"] for edge in plan["edges"]} == {"piped"}
    assert plan["results"] == [{"node": "3", "output": "value"}]


def test_explain_reports_the_same_error_for_an_invalid_line_as_running_the_line(type_: TypeLine) -> None:
    assert type_("explain", "ad 1 2").err == type_("ad 1 2").err
    assert type_("explain").status == 2


def test_explain_shows_booleans_as_yes_and_no(type_: TypeLine, fox: Path) -> None:
    rows = [line.split() for line in type_("explain", "load fox.png --allow-url | save --no-metadata").out.splitlines()]
    assert ["allow_url", "yes", "written"] in rows
    assert ["metadata", "no", "written"] in rows
    assert ["overwrite", "no", "default"] in rows


def test_explain_notes_that_as_santa_was_read_as_part_of_the_prompt(type_: TypeLine) -> None:
    note = "`as santa` was read as part of the text; to name the stage, write: t2i --as santa ..."
    result = type_("explain", "t2i", "a", "man", "dressed", "as", "santa")
    assert result.out.endswith(f"\nnote: {note}\n")
    assert '"a man dressed as santa"' in result.out
    assert type_("explain", "t2i a man dressed as santa", "--json").document["notes"] == [note]
    assert type_("explain", "t2i", "--as", "santa", "a", "man", "--json").document["notes"] == []


def test_explain_shows_the_warnings_about_a_line(type_: TypeLine) -> None:
    result = type_("explain", "t2i", "a fox BREAK snow")
    assert result.err == (
        "warning: unsupported syntax in a prompt is treated as plain words: `BREAK` (use --prompt-syntax a1111)\n"
    )
    assert type_("explain", "t2i", "a (red:1.4) fox").err == ""


def test_explain_shows_the_values_that_the_model_provides(type_: TypeLine, fox: Path) -> None:
    """`explain` shows the value that the run will use for each input, even if the line does not set it."""
    rows = [" ".join(line.split()) for line in type_("explain", "t2i a fox --steps 5").out.splitlines()]
    assert "steps 5 written" in rows
    for row in ("width 96", "height 96", "guidance 4.0", 'scheduler "ddim"'):
        assert f"{row} (from the model)" in rows
    values = type_("explain", "load fox.png | i2i a fox", "--json").document["values"]
    found = {value["input"]: (value["value"], value["origin"]) for value in values if value["origin"] == "model"}
    assert found["steps"] == (20, "model")


def test_explain_marks_a_size_taken_from_an_image_as_derived(type_: TypeLine, fox: Path) -> None:
    """`explain` reads the size from the file header; a size that is known only during the run has no value yet."""

    def sizes(line: str) -> dict[str, tuple[object, str]]:
        values = type_("explain", line, "--json").document["values"]
        return {each["input"]: (each["value"], each["origin"]) for each in values if each["node"].endswith("noise")}

    known = sizes("load fox.png | i2i a fox")
    assert (known["width"], known["height"]) == ((64, "derived"), (48, "derived"))
    rows = [" ".join(line.split()) for line in type_("explain", "load fox.png | i2i a fox").out.splitlines()]
    assert {"width 64 (from the image)", "height 48 (from the image)"} <= {*rows}
    unknown = sizes("load fox.png | rotate 30 | i2i a fox")
    assert (unknown["width"], unknown["height"]) == ((None, "derived"), (None, "derived"))
    rows = [
        " ".join(line.split()) for line in type_("explain", "load fox.png | rotate 30 | i2i a fox").out.splitlines()
    ]
    assert rows.count("width (from the image)") == rows.count("height (from the image)") == 2
    assert sizes("t2i a fox --width 64")["width"] == (64, "written")
    assert sizes("t2i a fox --width 64")["height"] == (96, "model")
    rows = [" ".join(line.split()) for line in type_("explain", "load fox.png | resize --width 32").out.splitlines()]
    assert {"width 32 written", "height 24 (from the image)"} <= {*rows}
