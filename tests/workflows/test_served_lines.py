"""Lines on a server: names stand for images on the shelf, and whatever could be a path is refused while planning."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from invocations.events import NodeFailed
from invocations.graph.graph import Graph, Node
from invocations.language.errors import Refusal
from invocations.served import ServedServices
from invocations.storing.gallery.base import GalleryFilter
from tests.invocations.services.conftest import noisy
from tests.invocations.services.served import file_bytes
from workflows.opening import options_of
from workflows.problems import ConfigError
from workflows.services import served_services
from workflows.workspace import Workspace


@pytest.fixture
def open_served(isolated_home, tmp_path, monkeypatch):
    """Yield a function that opens a workspace as a server does, in a folder that contains files."""
    folder = tmp_path / "folder"
    folder.mkdir()
    noisy("RGB", 30, 20, 9).save(folder / "secret.png")
    (folder / "house").write_bytes(b"a file of the server")
    (folder / "prompts.txt").write_text("one\ntwo\n")
    monkeypatch.chdir(folder)
    opened: list[Workspace] = []

    def open_(allow_files=""):
        arguments = options_of(home=isolated_home)
        services = served_services(arguments["settings"](), allow_files=str(allow_files))
        workspace = Workspace(**{**arguments, "services": services}, saves_images=lambda: False)
        services.attach(workspace.invoker)
        opened.append(workspace)
        return workspace, services

    yield open_
    for workspace in opened:
        workspace.close()


@pytest.fixture
def served(open_served):
    return open_served()


def send(workspace, services, name, image=None, **how):
    """Send an image and put it on the shelf; return its reference."""
    received = services.uploads.receive(file_bytes(image or noisy("RGB", 30, 20)), **how)
    workspace.invoker.gallery.add(received.ref, name)
    return received.ref


def refusal(workspace, line):
    with pytest.raises(Refusal) as refused:
        workspace.plan(line)
    (error,) = refused.value.errors
    return error.code, error.message, error.hint, line[error.span.start : error.span.end]


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


def test_saving_names_the_image_in_the_gallery_and_writes_no_file(served):
    workspace, services = served
    send(workspace, services, "house")
    before = sorted(os.listdir())
    (result,) = workspace.run("load house | blur 2 | save soft.png")
    assert (result.image_refs[0].path, result.text) != ("soft.png", ("soft.png",))
    image = workspace.invoker.gallery.named("soft")
    assert (image.id, image.origin, image.text) == (
        result.image_refs[0].name, "result", "load house | blur 2 | save soft.png",
    )  # fmt: skip
    assert workspace.run("load soft | blur 1")[0].image_refs[0].width == 30
    assert sorted(os.listdir()) == before


def test_an_image_that_is_saved_in_the_middle_of_a_line_is_in_the_gallery(served):
    workspace, services = served
    send(workspace, services, "house")
    workspace.run("load house | blur 2 | save soft | invert")
    names = {image.name for image in workspace.invoker.gallery.page(GalleryFilter(origin="result"))}
    assert names == {"soft", ""}


def test_a_name_that_is_taken_gets_a_number_unless_it_is_overwritten(served):
    workspace, services = served
    send(workspace, services, "house")
    for blur in (1, 2):
        workspace.run(f"load house | blur {blur} | save soft")
    gallery = workspace.invoker.gallery
    assert [gallery.named(name) is not None for name in ("soft", "soft-2", "soft-3")] == [True, True, False]
    workspace.run("load house | blur 3 | save soft --overwrite")
    assert gallery.named("soft").text == "load house | blur 3 | save soft --overwrite"


def test_a_template_names_images(served):
    workspace, services = served
    send(workspace, services, "house")
    workspace.run("load house | blur 2 | save 'b-{width}x{height}.png'")
    assert workspace.invoker.gallery.named("b-30x20") is not None


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        ("../x.png", "path_refused", "`../x.png` is a path, but a server saves images only in its gallery"),
        ("/tmp/x.png", "path_refused", "`/tmp/x.png` is a path, but a server saves images only in its gallery"),
        ("out/", "path_refused", "`out/` is a path, but a server saves images only in its gallery"),
        ("~/x.png", "path_refused", "`~/x.png` is a path, but a server saves images only in its gallery"),
        ("-", "path_refused", "`-` stands for standard output, which a server does not have"),
        ("'{nothing}.png'", "bad_file_name", "the file name `{nothing}.png` has an unknown field `nothing`"),
        ("'***'", "bad_file_name", "`***` is not a name for an image"),
    ],
)  # fmt: skip
def test_a_target_that_is_a_place_on_the_machine_is_refused(served, word, code, message):
    workspace, services = served
    send(workspace, services, "house")
    found = refusal(workspace, f"load house | save {word}")
    assert found[:2] == (code, message)


@pytest.mark.parametrize("source", ["../folder/secret.png", "secret.png", "/etc/passwd", "-", "http://127.0.0.1:1/x"])
def test_a_graph_cannot_load_a_file_either(served, source):
    workspace, _ = served
    graph = Graph(workspace.catalog.spec)
    graph.add_node(Node("1", "load", {"source": os.path.abspath(source) if source[0] == "." else source}))
    session = workspace.invoker.create(graph)
    failed = [event for event in workspace.invoker.run(session.id) if isinstance(event, NodeFailed)]
    assert [event.error.code in ("path_refused", "nothing_matches", "url_refused") for event in failed] == [True]
    assert workspace.invoker.gallery.page() == []


def test_a_graph_cannot_save_to_a_file_or_use_a_model_by_its_path(served, tmp_path):
    workspace, services = served
    send(workspace, services, "house")
    graph = Graph(workspace.catalog.spec)
    target = tmp_path / "out.png"
    graph.extend(
        [Node("1", "load", {"source": "house"}), Node("3", "model", {"name": str(tmp_path)})],
    )
    session = workspace.invoker.create(graph)
    failed = [event for event in workspace.invoker.run(session.id) if isinstance(event, NodeFailed)]
    assert [(event.node_id, event.error.code) for event in failed] == [("3", "path_refused")]
    with pytest.raises(Refusal):
        workspace.plan(f"load house | save {target}")
    assert not target.exists()


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
