"""Images saved under explicit names, under names from a template and to standard output, completely or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from invocations.services.errors import FileExists, SaveFailed, ServiceError
from invocations.services.images.base import SaveRequest
from invocations.services.images.local import LocalImages
from invocations.services.images.target import Targets
from invocations.values import ImageRef
from tests.invocations.refusals import coded

Maker = Callable[..., Image.Image]


Ask = Callable[..., SaveRequest]


@pytest.fixture
def ref(images: LocalImages, picture: Maker) -> ImageRef:
    return images.put(picture())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_an_explicit_name_is_used_unchanged(images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path) -> None:
    saved = images.save(ref, asked(f"{tmp_path}/new/folder/My  fox.png"))
    assert saved == ImageRef(ref.name, 12, 8, f"{tmp_path}/new/folder/My  fox.png")
    assert names(tmp_path / "new" / "folder") == ["My  fox.png"]


def test_a_relative_name_is_resolved_against_the_current_folder(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert images.save(ref, asked("../fox.png")).path == str(tmp_path / "fox.png")


@pytest.mark.parametrize(
    ("target", "format_name", "name", "kind"),
    [
        ("fox", "", "fox.png", "PNG"),
        ("fox", "jpeg", "fox.jpg", "JPEG"),
        ("fox.jpg", "", "fox.jpg", "JPEG"),
        ("fox.JPEG", "jpeg", "fox.JPEG", "JPEG"),
        ("fox.bin", "png", "fox.bin", "PNG"),
        ("fox.webp", "", "fox.webp", "WEBP"),
        ("fox.tif", "", "fox.tif", "TIFF"),
        ("fox.bmp", "", "fox.bmp", "BMP"),
        ("{seed}", "", "7.png", "PNG"),
        ("{seed}.jpg", "", "7.jpg", "JPEG"),
        ("{seed}.jpg", "webp", "7.webp", "WEBP"),
        ("{seed}", "tiff", "7.tiff", "TIFF"),
    ],
)
def test_the_suffix_or_the_option_determines_the_format(
    target: str, format_name: str, name: str, kind: str, images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    images.save(ref, asked(f"{tmp_path}/new/{target}", format=format_name))
    with Image.open(tmp_path / "new" / name) as image:
        assert image.format == kind


@pytest.mark.parametrize(
    ("target", "format_name", "message", "hint"),
    [
        (
            "fox.xyz",
            "",
            "`fox.xyz` cannot be written: `.xyz` is not an image format",
            "use one of .png, .jpg, .webp, .tiff, .bmp, .jpeg, .tif, or add `--format png`",
        ),
        (
            "fox.png",
            "jpeg",
            "`fox.png` cannot be written: the name ends in `.png`, but the format is jpeg",
            "leave out the suffix or the format, or write `fox.jpg`",
        ),
        (
            "{seed}.gif",
            "",
            "`{seed}.gif` cannot be written: `.gif` is not an image format",
            "use one of .png, .jpg, .webp, .tiff, .bmp, .jpeg, .tif, or add `--format png`",
        ),
        ("a\0b.png", "", "`a?b.png` cannot be written: a file name cannot contain a null byte", ""),
    ],
)
def test_a_name_with_an_unknown_suffix_is_refused(
    target: str, format_name: str, message: str, hint: str, images: LocalImages, ref: ImageRef, asked: Ask
) -> None:
    with pytest.raises(SaveFailed) as refused:
        images.save(ref, asked(target, format=format_name))
    assert (str(refused.value), refused.value.hint) == (message, hint)


def test_files_are_overwritten_only_on_request(images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path) -> None:
    target = tmp_path / "fox.png"
    target.write_bytes(b"mine")
    with pytest.raises(FileExists) as refused:
        images.save(ref, asked(str(target)))
    assert (str(refused.value), refused.value.hint) == (
        f"`{target}` already exists",
        "use `--overwrite` to replace the file",
    )
    assert target.read_bytes() == b"mine"
    images.save(ref, asked(str(target), overwrite=True))
    assert images.load(str(target))[0].name == ref.name


def test_the_configured_template_numbers_its_files(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "000041-x.png").write_bytes(b"mine")
    for _ in range(2):
        images.save(ref, asked())
    images.save(ref, asked(facts={}))
    assert names(tmp_path / "out") == ["000041-x.png", "000042-7-a-fox.png", "000043-7-a-fox.png", "000044.png"]


def test_a_number_taken_by_another_process_is_skipped(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    images.save(ref, asked())
    (tmp_path / "out" / "000002-7-a-fox.png").write_bytes(b"theirs")
    assert Path(str(images.save(ref, asked()).path)).name == "000003-7-a-fox.png"


def test_a_number_is_added_to_a_name_from_a_template_if_the_name_is_taken(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    for _ in range(3):
        images.save(ref, asked(f"{tmp_path}/new/{{prompt}}.png"))
    assert names(tmp_path / "new") == ["a-fox-2.png", "a-fox-3.png", "a-fox.png"]


def test_a_file_named_by_a_template_is_overwritten_on_request(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    for _ in range(2):
        images.save(ref, asked(f"{tmp_path}/new/{{prompt}}.png", overwrite=True))
    assert names(tmp_path / "new") == ["a-fox.png"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_file_saved_in_a_folder_is_named_by_the_template(
    slash: str, images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    images.save(ref, asked(f"{tmp_path}/there{slash}"))
    assert names(tmp_path / "there") == ["000001-7-a-fox.png"]


@pytest.mark.parametrize("template", ["../{seed}.png", "/tmp/{seed}.png", "link/{seed}.png", "a/../../{seed}.png"])
def test_106_a_configured_template_that_leads_outside_its_folder_is_refused(
    template: str, picture: Maker, asked: Ask, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path)
    service = LocalImages(tmp_path / "store", tmp_path / "out", template)
    with pytest.raises(ServiceError, match="leads outside its folder", check=coded("bad_file_name")):
        service.save(service.put(picture()), asked())
    service.close()


@pytest.mark.parametrize("prompt", ["../../../etc/cron.d/x", "/etc/passwd", "..", ".bashrc", "a\0b", "~/x", "CON"])
def test_106_untrusted_text_in_a_template_cannot_name_a_file_outside_the_folder(
    prompt: str, images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    saved = images.save(ref, asked(facts={"prompt": prompt}))
    assert Path(str(saved.path)).parent == tmp_path / "out"
    saved = images.save(ref, asked(f"{tmp_path}/new/{{prompt}}.png", facts={"prompt": prompt}))
    assert Path(str(saved.path)).parent == tmp_path / "new"


def test_metadata_is_saved_and_equal_images_are_saved_as_equal_bytes(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        images.save(ref, asked(f"{tmp_path}/{name}.png", metadata={"parameters": "a fox"}))
    with Image.open(tmp_path / "a.png") as image:
        assert image.text == {"parameters": "a fox"}  # type: ignore[attr-defined]
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_107_a_failed_save_leaves_no_file_and_no_folder(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for target in ("file/fox.png", "file/deep/fox.png"):
        with pytest.raises(SaveFailed, match="cannot be written: a file exists where a folder is needed"):
            images.save(ref, asked(f"{tmp_path}/{target}"))
    with pytest.raises(SaveFailed, match="name too long"):
        images.save(ref, asked(f"{tmp_path}/new/folder/{'x' * 300}.png"))
    assert names(tmp_path) == ["file", "store"]


FULL = """
import resource, sys
from pathlib import Path
from PIL import Image
from invocations.services.errors import SaveFailed
from invocations.services.images.base import SaveRequest
from invocations.services.images.local import LocalImages

root = Path(sys.argv[1])
service = LocalImages(root / "store", root / "out")
ref = service.put(Image.effect_noise((400, 400), 90))
service.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
try:
    service.save(ref, SaveRequest("", "", 90, False, {}, {}))
except SaveFailed as error:
    print(error.reason)
service.put(Image.effect_noise((401, 400), 90))
try:
    service.close()
except SaveFailed as error:
    print(error.reason)
"""


def test_107_a_full_disk_leaves_no_partial_file(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "file too large\nfile too large\n"
    assert names(tmp_path / "out") == []
    assert len([path for path in (tmp_path / "store").rglob("*") if path.is_file()]) == 1


def test_the_date_in_a_file_name_comes_from_the_clock(tmp_path: Path, asked: Ask) -> None:
    targets = Targets(tmp_path, "{date:%Y}/{date}-{time}.png", now=lambda: datetime(2031, 2, 3, 4, 5, 6))
    assert next(targets.of(asked()).candidates) == tmp_path / "2031" / "2031-02-03-040506.png"


@pytest.mark.parametrize("target", [f"{'a' * 300}.png", f"{'a' * 300}/{'a' * 300}.png"])
def test_a_name_that_is_too_long_is_refused(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path, target: str
) -> None:
    with pytest.raises(SaveFailed, match="too long"):
        images.save(ref, asked(f"{tmp_path}/{target}"))


@pytest.mark.parametrize(
    ("target", "format_name"),
    [("", ""), ("-", ""), ("fox.png", ""), ("fox.bin", "png"), ("{seed}-{prompt:.9}.jpg", ""), ("~nobody/x.png", "")],
)
def test_checking_a_valid_target_writes_nothing(
    images: LocalImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, format_name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = names(tmp_path)
    images.check_target(target, format_name)
    assert names(tmp_path) == before


@pytest.mark.parametrize(
    ("target", "format_name"),
    [("fox.gif", ""), ("fox.png", "jpeg"), ("{seed}.gif", ""), ("{bogus}.png", ""), ("{seed:zz}", ""), ("a\0b", "")],
)
def test_checking_an_impossible_target_raises_an_error(images: LocalImages, target: str, format_name: str) -> None:
    with pytest.raises(ServiceError, check=lambda error: error.code in ("save_failed", "bad_file_name")):
        images.check_target(target, format_name)


def test_the_configured_template_is_checked_if_the_target_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="unknown field `bogus`", check=coded("bad_file_name")):
        Targets(tmp_path, "{bogus}.png").check(str(tmp_path), "")


@pytest.mark.parametrize(
    ("there", "next_name"),
    [
        (["1461063067.png"], "000001-7-a-fox.png"),
        (["000041-x.png", "2006922049-b.png"], "000042-7-a-fox.png"),
        (["999998-x.png", "999999-x.png"], "1000000-7-a-fox.png"),
        (["999999-x.png", "1000000-x.png"], "1000001-7-a-fox.png"),
    ],
)
def test_a_file_named_after_its_seed_does_not_affect_the_next_number(
    images: LocalImages, ref: ImageRef, asked: Ask, tmp_path: Path, there: list[str], next_name: str
) -> None:
    (tmp_path / "out").mkdir()
    for name in there:
        (tmp_path / "out" / name).write_bytes(b"theirs")
    assert Path(str(images.save(ref, asked()).path)).name == next_name
