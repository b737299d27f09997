"""Wildcard files: what they may contain, which names refer to them, and which errors they cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.dynamic import wildcard_files
from invocations.dynamic.errors import DynamicError
from invocations.dynamic.template import parse_template
from invocations.dynamic.wildcards import Wildcards

from .conftest import Write


def prompts(text: str, *folders: str) -> list[str]:
    return list(parse_template(text).all(Wildcards(folders)))


def error_of(text: str, *folders: str) -> DynamicError:
    with pytest.raises(DynamicError) as caught:
        parse_template(text).count(Wildcards(folders))
    return caught.value


def test_lines_keep_the_order_of_the_file_and_repetitions_count_once(write: Write) -> None:
    folder = write({"size.txt": "\ufeffsmall\r\n# medium\r\n  large  \r\nsmall\r\n\r\n"})
    assert prompts("__size__", folder) == ["small", "large"]


def test_a_name_in_several_folders_refers_to_the_first_folder(tmp_path: Path) -> None:
    for name, text in (("one", "a"), ("two", "b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "word.txt").write_text(text)
    (tmp_path / "two" / "other.txt").write_text("c")
    assert prompts("__word__ __other__", str(tmp_path / "one"), str(tmp_path / "two")) == ["a c"]


def test_words_that_yaml_takes_for_booleans_or_numbers_are_text(write: Write) -> None:
    folder = write({"a.yaml": "answer: [yes, no, 007, 1.10, null]\n", "b.json": '{"number": [7, 1.5, true, null]}'})
    assert prompts("__answer__", folder) == ["yes", "no", "007", "1.10", "null"]
    assert prompts("__number__", folder) == ["7", "1.5"]


def test_a_list_outside_a_mapping_is_named_after_its_file(write: Write) -> None:
    folder = write({"deep/birds.yml": "- owl\n- hen\n", "fish.json": '["carp"]'})
    assert prompts("__deep/birds__ __fish__", folder) == ["owl carp", "hen carp"]


def test_items_of_a_list_may_have_weights(write: Write) -> None:
    folder = write({"a.yaml": "colour:\n  - 3::red\n  - {text: blue, weight: 0}\n  - a::b\n"})
    assert prompts("__colour__", folder) == ["red", "blue", "a::b"]
    drawn = parse_template("__colour__").draw(Wildcards([folder]), 2_000, 1)
    assert drawn.count("red") == pytest.approx(1_500, abs=100)
    assert "blue" not in drawn


def test_a_variable_may_name_a_wildcard(write: Write) -> None:
    folder = write({"cats.txt": "lion\ntiger", "dogs.txt": "wolf"})
    line = "${kind=!{cats|dogs}}${kind}: __${kind}__"
    assert prompts(line, folder) == ["cats: lion", "cats: tiger", "dogs: wolf"]
    assert set(parse_template(line).draw(Wildcards([folder]), 60, 1)) == set(prompts(line, folder))
    assert prompts("__{cats|dogs}__", folder) == ["lion", "tiger", "wolf"]


def test_hidden_folders_and_other_files_are_not_wildcards(write: Write) -> None:
    folder = write({".git/config.txt": "a", "notes.md": "b", "word.txt": "c"})
    assert Wildcards([folder]).names == ("word",)


def test_a_missing_wildcard_is_an_error_that_names_the_nearest_ones(words: str) -> None:
    error = error_of("a {b|__seson__} c", words)
    assert error.message == "there is no wildcard named `seson`"
    assert error.hint == "did you mean `season`?"
    assert (error.start, error.end) == (5, 14)


def test_a_missing_wildcard_unlike_any_other_is_an_error_that_lists_the_names(write: Write) -> None:
    folder = write({f"{letter}.txt": "x" for letter in "abcdefghij"})
    assert error_of("__zebra__", folder).hint == "the wildcards are a, b, c, d, e, f, g, h and 2 more"


def test_a_wildcard_without_a_wildcard_folder_is_an_error_that_says_how_to_name_a_folder() -> None:
    error = error_of("__animal__")
    assert error.message == "there are no wildcard files for `__animal__`"
    assert error.hint == "name their folder: --wildcards DIR, or the setting `wildcards_dirs`"


def test_an_error_in_the_lines_of_a_wildcard_names_the_wildcard_and_the_place_in_the_template(write: Write) -> None:
    folder = write({"a.txt": "x {b|c", "outer.txt": "__inner__", "inner.txt": "__nothing__"})
    error = error_of("big __a__", folder)
    assert error.message == "in the wildcard `a`: character 3: a group has no `}`"
    assert (error.start, error.end) == (4, 9)
    assert error_of("__outer__", folder).message == "in the wildcard `inner`: there is no wildcard named `nothing`"


def test_wildcards_that_contain_each_other_are_an_error_that_names_the_loop(write: Write) -> None:
    folder = write({"a.txt": "x\n__b__", "b.txt": "{y|__c__}", "c.txt": "__a__", "self.txt": "__s*__"})
    assert error_of("__a__", folder).message == "a wildcard contains itself: `a` -> `b` -> `c` -> `a`"
    assert error_of("__self__", folder).message == "a wildcard contains itself: `s*` -> `s*`"


def test_a_wildcard_folder_that_is_missing_or_empty_or_a_file_is_an_error(tmp_path: Path) -> None:
    missing, file, empty = (tmp_path / name for name in ("missing", "file", "empty"))
    file.write_text("a")
    empty.mkdir()
    assert error_of("__a__", str(missing)).message == f"there is no folder `{missing}`"
    assert error_of("__a__", str(file)).message == f"cannot read the folder `{file}`: Not a directory"
    assert error_of("__a__", str(empty)).message == f"there are no wildcard files in `{empty}`"
    assert error_of("__a__", str(empty)).hint == "wildcard files are .txt, .yaml and .json files"


def test_folders_that_contain_themselves_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "word.txt").write_text("a")
    assert Wildcards([str(tmp_path)]).names == ("word",)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"tea\ncaf\xe9\n", ", line 2: not UTF-8"),
        ("a.yaml", b"a: [caf\xe9]\n", ", line 1: not UTF-8"),
        ("a.txt", b"tea\0\n", " is not a text file: it contains null bytes"),
        ("a.yaml", b"a: [1, 2\n", " is not YAML in line 2: did not find expected ',' or ']'"),
        ("a.yaml", b"[" * 40, " is nested deeper than 32 levels"),
        ("a.yaml", b"- " * 4_000, " is nested deeper than 32 levels"),
        ("a.json", b"[1, 2", " is not JSON: Expecting ',' delimiter: line 1 column 6 (char 5)"),
        ("a.json", b"[" * 5_000, " is nested deeper than 64 levels"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_that_says_why(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    error = error_of("__a__", str(tmp_path))
    assert (error.message, error.hint) == (
        f"the wildcard file `{tmp_path / name}`{said}",
        "wildcard files are text in UTF-8, YAML or JSON",
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("word.txt", "\ufeffrot\r\ngrün\r\n\r\n# ein Kommentar\r\n".encode()),
        ("word.txt", "rot\r\ngrün\r\n".encode("utf-16")),
        ("word.txt", "rot\rgrün".encode()),
        ("word.TXT", "rot\ngrün\n".encode()),
        ("word.YAML", "\ufeff- rot\n- grün\n".encode()),
        ("word.yml", "- rot\r\n- grün\r\n".encode("utf-16")),
        ("word.JSON", '\ufeff["rot", "grün"]'.encode()),
    ],
)
def test_files_from_other_operating_systems_are_read(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert prompts("__word__", str(tmp_path)) == ["rot", "grün"]


def test_unusual_separators_do_not_end_a_line(write: Write) -> None:
    assert prompts("__a__", write({"a.txt": "one\u2028two\x0cthree\nfour"})) == ["one two three", "four"]


def test_an_unreadable_file_does_not_hide_other_wildcards(write: Write) -> None:
    folder = write({"broken.yaml": "a: [", "word.txt": "a"})
    assert prompts("__word__", folder) == ["a"]


def test_a_link_to_a_missing_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("missing.txt")
    expected = f"the wildcard file `{tmp_path}/a.txt` cannot be read: No such file or directory"
    assert error_of("__a__", str(tmp_path)).message == expected


def test_files_that_are_too_large_are_errors(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"big.txt": "x" * (2**20 + 1), "long.txt": "\n".join(map(str, range(30)))})
    monkeypatch.setattr(wildcard_files, "MAX_BYTES", 2**20)
    monkeypatch.setattr(wildcard_files, "MAX_LINES", 29)
    assert error_of("__big__", folder).message == f"the wildcard file `{folder}/big.txt` is larger than 1 MiB"
    assert error_of("__long__", folder).message == f"the wildcard file `{folder}/long.txt` has more than 29 lines"


def test_aliases_in_yaml_that_expand_exponentially_are_an_error(write: Write) -> None:
    levels = [
        f"l{level}: &l{level} {{{', '.join(f'k{key}: *l{level - 1}' for key in range(9))}}}" for level in range(1, 9)
    ]
    folder = write({"bomb.yaml": "\n".join(["l0: &l0 {k: [word]}", *levels])})
    assert error_of("__a__", folder).message.endswith("bomb.yaml` has too many or too deeply nested entries")


def test_wildcards_that_expand_exponentially_are_an_error(write: Write) -> None:
    folder = write({f"a{level}.txt": f"__a{level + 1}__ __a{level + 1}__" for level in range(30)} | {"a30.txt": "x"})
    assert error_of("__a0__", folder).message.endswith("a result could consist of more than 20,000 parts")
