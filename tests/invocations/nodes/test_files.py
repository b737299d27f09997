"""The nodes `load`, `save` and `show`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invocations.nodes.files import Load, Save, Show
from invocations.services.errors import FileExists, SaveFailed, ServiceError
from invocations.services.images.metadata import read_metadata
from invocations.values import ImageRef
from tests.invocations.refusals import coded


def test_one_file_is_loaded(context: Any, tmp_path: Path) -> None:
    Image.new("RGB", (3, 2), "red").save(tmp_path / "fox.png")
    made = Load(source=str(tmp_path / "fox.png")).invoke(context)
    assert made.collection == [made.image]
    assert (made.image.width, made.image.height, made.image.path) == (3, 2, str(tmp_path / "fox.png"))
    assert context.messages == []


def test_several_files_are_loaded_as_a_list_and_a_message_names_the_main_image(context: Any, tmp_path: Path) -> None:
    for number in (10, 9):
        Image.new("RGB", (number, 2)).save(tmp_path / f"{number}.png")
    made = Load(source=f"{tmp_path}/*.png").invoke(context)
    assert [image.width for image in made.collection] == [9, 10]
    assert made.image.width == 9
    assert context.messages == [
        f"2 images match `{tmp_path}/*.png`; `image` is the first, `collection` is the list of all"
    ]


@pytest.mark.parametrize(
    ("source", "code"),
    [("nothing.png", "nothing_matches"), ("text.png", "image_unreadable"), ("http://localhost/a.png", "url_refused")],
)
def test_a_file_that_cannot_be_loaded_is_refused(source: str, code: str, context: Any, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("words")
    with pytest.raises(ServiceError, check=coded(code)):
        Load(source=source if "://" in source else str(tmp_path / source)).invoke(context)


def test_an_image_is_saved_with_its_metadata(context: Any, image: ImageRef, tmp_path: Path) -> None:
    made = Save(image=image, target=str(tmp_path / "fox.png")).invoke(context).image
    found = read_metadata(tmp_path / "fox.png")
    assert (made.name, made.path) == (image.name, str(tmp_path / "fox.png"))
    assert (found.line, found.graph, found.versions) == ("t2i a fox | save", {"nodes": {}}, {"invokeai-cli": "1.2.3"})
    assert found.parameters == "a fox\nSeed: 7, Version: invokeai-cli 1.2.3"


def test_a_file_saved_without_metadata_contains_none(context: Any, image: ImageRef, tmp_path: Path) -> None:
    Save(image=image, target=str(tmp_path / "fox.png"), metadata=False).invoke(context)
    with Image.open(tmp_path / "fox.png") as saved:
        assert saved.info == {}


def test_a_file_name_template_is_filled_in_with_details_about_the_image_and_the_node(
    context: Any, image: ImageRef, tmp_path: Path
) -> None:
    target = str(tmp_path / "{session}-{node}-{width}x{height}-{prompt}.png")
    assert Path(str(Save(image=image, target=target).invoke(context).image.path)).name == "session-3-16x8-a-fox.png"


def test_an_image_saved_without_a_file_name_is_named_by_the_configured_template(
    context: Any, image: ImageRef, tmp_path: Path
) -> None:
    made = Save(image=image).invoke(context).image
    assert made.path == str(tmp_path / "out" / "000001-7-a-fox.png")


def test_a_file_is_saved_with_the_chosen_quality_and_format(context: Any, image: ImageRef, tmp_path: Path) -> None:
    noise = context.images.put(Image.effect_noise((64, 64), 90))
    sizes = [
        Path(
            str(
                Save(image=noise, target=f"{tmp_path}/{quality}", format="jpeg", quality=quality)
                .invoke(context)
                .image.path
            )
        )
        .stat()
        .st_size
        for quality in (10, 95)
    ]
    assert sizes[0] * 2 < sizes[1]


def test_an_existing_file_is_not_overwritten(context: Any, image: ImageRef, tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(b"mine")
    with pytest.raises(FileExists):
        Save(image=image, target=str(tmp_path / "fox.png")).invoke(context)
    assert Save(image=image, target=str(tmp_path / "fox.png"), overwrite=True).invoke(context).image.path


def test_a_folder_that_cannot_be_created_is_an_error(context: Any, image: ImageRef, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(SaveFailed):
        Save(image=image, target=str(tmp_path / "file" / "fox.png")).invoke(context)


def test_an_image_saved_to_a_dash_is_written_to_standard_output(context: Any, image: ImageRef) -> None:
    made = Save(image=image, target="-").invoke(context).image
    assert made.path is None
    with Image.open(BytesIO(context.sent.getvalue())) as sent:
        assert (sent.format, sent.size) == ("PNG", (16, 8))


def test_the_show_node_returns_its_image_unchanged(context: Any, image: ImageRef) -> None:
    assert Show(image=image).invoke(context).image == image
