"""File names from untrusted text."""

from __future__ import annotations

import shlex
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.services.errors import ServiceError
from invocations.services.images.names import PART_BYTES, check_template, parse_template, path_part
from tests.invocations.refusals import coded


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a red fox", "a-red-fox"),
        ("a  red\tfox\n", "a-red-fox"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\windows", "C-windows"),
        (".hidden", "hidden"),
        ("--flag", "flag"),
        ("con", "_con"),
        ("COM1.txt", "_COM1.txt"),
        ("console", "console"),
        ('what?*<>|"', "what"),
        ("a\x00b\x1bc\u202ed\u200b", "abcd"),
        ("ends in dots...", "ends-in-dots"),
        ("", ""),
        ("...", ""),
        ("狐 und Füchse", "狐-und-Füchse"),
        ("u\u0308", "ü"),
        ("(red)1.3 fox++", "red-1.3-fox"),
        ("`x`", "x"),
        ("$(date)", "date"),
        ("a cat, (masterpiece)1.2,", "a-cat-masterpiece-1.2"),
        ("it's a fox\u2019s den", "its-a-foxs-den"),
        ("${x}; rm #1 & ~", "x-rm-1"),
        ("\U0001f98a fox!", "fox"),
        ("x" * 500, "x" * PART_BYTES),
        ("狐" * 100, "狐" * (PART_BYTES // 3)),
    ],
)
def test_any_string_is_converted_to_a_valid_path_part(text: str, part: str) -> None:
    assert path_part(text) == part


@given(st.text(), st.integers(8, 300))
def test_a_path_part_is_safe_on_every_system(text: str, limit: int) -> None:
    part = path_part(text, limit)
    assert not set(part) & set('/\\:*?"<>|')
    assert not part.isascii() or shlex.quote(part) == part or not part
    assert not part.startswith((".", "-"))
    assert not part.endswith((".", " "))
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") for char in part)
    assert len(part.encode()) <= limit
    assert not part or PurePosixPath(part).parts == PureWindowsPath(part).parts == (part,)
    assert not PureWindowsPath(part).is_reserved()


@given(st.text())
def test_converting_a_path_part_again_does_not_change_it(text: str) -> None:
    part = path_part(text)
    assert path_part(part) == part


def filled(template: str, **facts: object) -> str:
    read = parse_template(template, facts)
    return read.fill(facts) + read.suffix


@pytest.mark.parametrize(
    ("template", "facts", "name"),
    [
        ("{index:06}-{seed}-{prompt:.40}.png", {"index": 3, "seed": 7, "prompt": "a fox"}, "000003-7-a-fox.png"),
        ("{index:06}-{seed}-{prompt:.40}.png", {"index": 3}, "000003.png"),
        ("{index:06}-{seed}-{prompt:.40}.png", {"index": 3, "prompt": "a fox"}, "000003-a-fox.png"),
        ("{prompt:.5}.png", {"prompt": "a red fox"}, "a-red.png"),
        ("{prompt}", {"prompt": "a dog. A cat"}, "a-dog.-A-cat"),
        ("{guidance:.1f}", {"guidance": 7.25}, "7.2"),
        ("{{{seed}}}", {"seed": 7}, "{7}"),
        ("{model}/{seed}.png", {"model": "org/name", "seed": 7}, "org-name/7.png"),
        ("{model}/{seed}.png", {"seed": 7}, "image/7.png"),
        ("{seed}.png", {}, "image.png"),
        ("my--folder/{seed}.png", {"seed": 7}, "my--folder/7.png"),
        ("{mine}.png", {"mine": "x"}, "x.png"),
        ("co{prompt}.png", {"prompt": "n"}, "_con.png"),
        ("{prompt}{prompt}", {"prompt": "x" * 300}, "x" * PART_BYTES),
        ("plain.png", {}, "plain.png"),
    ],
)
def test_a_template_is_filled_in_with_values(template: str, facts: dict[str, object], name: str) -> None:
    assert filled(template, **facts) == name


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{sed}.png", "the file name `{sed}.png` has an unknown field `sed`"),
        ("{}.png", "the file name `{}.png` has an unknown field ``"),
        ("{seed", "the file name `{seed` has a `{` without a `}`"),
        ("seed}", "the file name `seed}` has a `}` without a `{`"),
        ("{seed.__class__}", "the file name `{seed.__class__}` has an unknown field `seed.__class__`"),
        ("{seed[0]}", "the file name `{seed[0]}` has an unknown field `seed[0]`"),
        ("{seed!r}", "the field `seed` of the file name has an unsupported format"),
        ("{seed:99999999999}", "the field `seed` of the file name has an unsupported format"),
        ("{seed:{prompt}}", "the field `seed` of the file name has an unsupported format"),
        ("{prompt:06d}", "`{prompt:06d}` cannot format a value such as 'a fox'"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused(template: str, message: str) -> None:
    with pytest.raises(ServiceError, check=coded("bad_file_name")) as refused:
        filled(template, seed=7, prompt="a fox")
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("template", "hint"),
    [
        ("z-{col.png", "{col}"),
        ("z-{index:06.png", "{index:06}"),
        ("{seed}-{axis.steps", "{axis.steps}"),
        ("a-{seed}-steps}.png", "{steps}"),
        ("{seed}}.png", "{seed}"),
    ],
)
def test_the_error_for_a_missing_brace_completes_the_field(template: str, hint: str) -> None:
    with pytest.raises(ServiceError, check=coded("bad_file_name")) as refused:
        filled(template)
    assert refused.value.hint == f"write `{hint}`"


@pytest.mark.parametrize("template", ["z-{.png", "a}.png", "{a-{seed}.png", "{seed!}.png"])
def test_the_error_for_a_brace_without_a_field_says_how_to_write_braces(template: str) -> None:
    with pytest.raises(ServiceError, check=coded("bad_file_name")) as refused:
        filled(template)
    assert refused.value.hint == "write `{{` and `}}` for braces"


def test_the_error_for_an_unknown_template_field_suggests_a_similar_field() -> None:
    with pytest.raises(ServiceError, check=coded("bad_file_name")) as refused:
        filled("{sed}", mine=1)
    assert refused.value.hint == "did you mean `seed`?"


def test_the_error_for_an_unknown_template_field_lists_the_known_ones() -> None:
    with pytest.raises(ServiceError, check=coded("bad_file_name")) as refused:
        filled("{mood}", mine=1)
    assert refused.value.hint == (
        "known fields: date, guidance, height, index, mine, model, negative, node, prompt, scheduler, seed, session, "
        "stem, steps, strength, time, width"
    )


@given(st.text())
def test_any_string_is_accepted_as_a_template_or_refused_without_a_crash(text: str) -> None:
    try:
        filled(text, seed=7, prompt="a fox")
    except ServiceError as error:
        code = error.code
    else:
        return
    assert code == "bad_file_name"


@given(st.text(), st.text())
def test_values_in_a_template_cannot_add_folders(prompt: str, model: str) -> None:
    name = filled("{model}/{prompt}.png", prompt=prompt, model=model)
    assert len(PurePosixPath(name).parts) == 2
    assert ".." not in PurePosixPath(name).parts


@pytest.mark.parametrize(
    "template", ["{index:06}-{seed}-{prompt:.40}.png", "{date:%Y}/{time}.jpg", "{guidance:.1f}{{}}"]
)
def test_a_valid_template_is_accepted_before_its_values_are_known(template: str) -> None:
    assert check_template(template).text == template


@pytest.mark.parametrize("template", ["{fox}.png", "{seed:zz}.png", "{prompt:d}.png", "{seed", "{seed!r}.png"])
def test_an_invalid_template_is_refused_before_its_values_are_known(template: str) -> None:
    with pytest.raises(ServiceError, check=coded("bad_file_name")):
        check_template(template)


def test_a_template_may_contain_a_field_that_a_plug_in_declares_but_no_undeclared_field() -> None:
    assert check_template("{fox:3}.png", ("fox",)).parts[0][1] == "fox"
    for template in ("{fox}-{seed:zz}.png", "{wolf}.png"):
        with pytest.raises(ServiceError, check=coded("bad_file_name")):
            check_template(template, ("fox",))
