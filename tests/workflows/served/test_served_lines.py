"""Lines on a server: names stand for images on the shelf, and whatever could be a path is refused while planning."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from invocations.served import ServedServices
from tests.invocations.services.conftest import noisy
from tests.invocations.services.served import file_bytes
from tests.workflows.served.shelf import refusal, send
from workflows.opening import options_of
from workflows.problems import ConfigError
from workflows.services import served_services


def test_an_image_on_the_shelf_is_loaded_by_its_name_or_id(served):
    workspace, services = served
    ref = send(workspace, services, "house")
    for word in ("house", "HOUSE", "house.png", ref.name):
        (result,) = workspace.run(f"load {word}")
        assert (result.image_refs[0].name, result.image_refs[0].path) == (ref.name, None)


def test_a_name_can_be_written_wherever_an_image_is_taken(served):
    workspace, services = served
    first = send(workspace, services, "house")
    send(workspace, services, "tree", noisy("RGB", 30, 20, 5))
    (result,) = workspace.run("load house | blend tree --opacity 0")
    assert workspace.image(result.image_refs[0]).tobytes() == services.images.get(first).convert("RGB").tobytes()
    mask = services.uploads.receive(file_bytes(Image.new("L", (30, 20), 255)), as_mask=True).ref
    workspace.invoker.gallery.add(mask, "hole")
    assert workspace.run("load house | paste tree --mask hole")[0].image_refs


def test_sizes_of_images_on_the_shelf_are_known_while_planning(served):
    workspace, services = served
    send(workspace, services, "house")
    send(workspace, services, "wide", noisy("RGB", 90, 20))
    assert services.headers.size("house") == (30, 20)
    assert services.headers.sizes("house") == [(30, 20)]
    assert services.headers.sizes("none") is None
    assert "30x20" in refusal(workspace, "load house | blend wide")[1]


SEND = "send the image first, then write its name"


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        ("secret.png", "nothing_matches", "no image is named `secret.png`"),
        ("house", "nothing_matches", "no image is named `house`"),
        ("./secret.png", "path_refused", "`./secret.png` is a path, but a server knows images only by their names"),
        ("../secret.png", "path_refused", "`../secret.png` is a path, but a server knows images only by their names"),
        ("/etc/passwd", "path_refused", "`/etc/passwd` is a path, but a server knows images only by their names"),
        ("~/secret.png", "path_refused", "`~/secret.png` is a path, but a server knows images only by their names"),
        ("~root", "path_refused", "`~root` is a path, but a server knows images only by their names"),
        ("'C:\\a.png'", "path_refused", "`C:\\a.png` is a path, but a server knows images only by their names"),
        ("C:a.png", "path_refused", "`C:a.png` is a path, but a server knows images only by their names"),
        ("'*.png'", "path_refused", "`*.png` is a pattern, but a server knows images only by their names"),
        ("'secret.?ng'", "path_refused", "`secret.?ng` is a pattern, but a server knows images only by their names"),
        ("-", "path_refused", "`-` stands for standard input, which a server does not have"),
    ],
)
def test_a_word_that_names_no_image_on_the_shelf_is_refused_with_its_place(served, word, code, message):
    workspace, _ = served
    found = refusal(workspace, f"load {word} | blur 2")
    assert found[:2] == (code, message)
    assert found[2] == SEND
    assert found[3] == word


def test_a_similar_name_is_suggested(served):
    workspace, services = served
    send(workspace, services, "house")
    assert refusal(workspace, "load hause")[2] == "did you mean `house`?"


@pytest.mark.parametrize("option", ["", " --allow-url"])
def test_nothing_is_downloaded(served, option):
    workspace, _ = served
    code, message, *_ = refusal(workspace, f"load http://127.0.0.1:1/x.png{option}")
    assert (code, message) == ("url_refused", "`http://127.0.0.1:1/x.png` is a URL, and downloading is not allowed")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("load-lines prompts.txt", "`prompts.txt` is a file, but a server reads no files for its clients"),
        ("load-lines /etc/passwd", "`/etc/passwd` is a file, but a server reads no files for its clients"),
        ("load-lines -", "`-` is a file, but a server reads no files for its clients"),
    ],
)
def test_text_files_are_refused(served, line, message):
    workspace, _ = served
    code, found, hint, _ = refusal(workspace, line)
    assert (code, found) == ("path_refused", message)
    assert hint == "write the values into the line, or ask the owner of the server for `--allow-files`"


@pytest.mark.parametrize("word", ["/etc", "./models", "../x", "~/m", "a/b", "C:\\m"])
def test_a_model_is_named_and_never_found_by_its_path(served, word):
    workspace, _ = served
    code, message, hint, place = refusal(workspace, f"t2i fox --model '{word}'")
    assert (code, message) == ("path_refused", f"`{word}` is a path, but a server knows models only by their names")
    assert hint == "write the name of one of the models that the server lists"
    assert place.strip("'") == word


def test_a_folder_in_the_working_folder_is_no_model(served, tmp_path):
    workspace, services = served
    os.mkdir("mymodel")
    code, message, *_ = refusal(workspace, "t2i fox --model mymodel")
    assert (code, message) == ("model_missing", "there is no model `mymodel`")
    assert services.models.find("default").model == "default"


def test_a_cached_line_notices_that_a_name_stands_for_another_image(served):
    workspace, services = served
    send(workspace, services, "house")
    first = workspace.run("load house | blur 2")[0].image_refs[0]
    assert workspace.run("load house | blur 2")[0].image_refs[0] == first
    other = services.uploads.receive(file_bytes(noisy("RGB", 30, 20, 7))).ref
    workspace.invoker.gallery.add(other, "house", take=True)
    assert workspace.run("load house | blur 2")[0].image_refs[0] != first


def test_an_allowed_folder_is_read_and_nothing_outside(open_served, tmp_path):
    folder = tmp_path / "folder"
    (tmp_path / "outside.png").write_bytes((folder / "secret.png").read_bytes())
    os.symlink(tmp_path / "outside.png", folder / "link.png")
    os.symlink(tmp_path, folder / "up")
    workspace, services = open_served(folder)
    (result,) = workspace.run("load secret.png")
    assert (result.image_refs[0].width, result.image_refs[0].path) == (30, None)
    assert len(workspace.run("load-lines prompts.txt")[0].value) == 2
    assert workspace.run("load 'secret.*'")[0].image_refs
    for word in ("link.png", "up/outside.png", "../outside.png", str(tmp_path / "outside.png"), "/etc/passwd"):
        assert refusal(workspace, f"load {word}")[0] in ("path_refused", "nothing_matches")
    (collection,) = [services.images.load("*.png")]
    assert len(collection) == 1  # the link is left out


def test_an_allowed_folder_that_does_not_exist_is_refused(open_served, tmp_path):
    with pytest.raises(ConfigError) as refused:
        open_served(tmp_path / "none")
    assert refused.value.message == f"`{tmp_path / 'none'}` is not a folder"
    assert refused.value.hint == "write the path of an existing folder after --allow-files"


def test_references_with_a_path_read_no_file(served, tmp_path):
    _, services = served
    from invocations.services.errors import ServiceError
    from invocations.services.images.store import content_name
    from invocations.values import ImageRef

    image = noisy("RGB", 30, 20, 9)
    ref = ImageRef(content_name(image), 30, 20, str(Path("secret.png").resolve()))
    for attempt in (services.images.get, services.images.path):
        with pytest.raises(ServiceError) as refused:
            attempt(ref)
        assert refused.value.code == "image_gone"


def test_services_must_be_attached_before_names_are_used(isolated_home, tmp_path):
    services = served_services(options_of(home=isolated_home)["settings"]())
    assert isinstance(services, ServedServices)
    with pytest.raises(AssertionError, match="`attach` was not called"):
        services.images.load("house")
