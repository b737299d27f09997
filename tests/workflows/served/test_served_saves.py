"""On a server, `save` names an image in the gallery; a graph from outside can neither read nor write a file."""

from __future__ import annotations

import os

import pytest

from invocations.events import NodeFailed
from invocations.graph.graph import Graph, Node
from invocations.language.errors import Refusal
from invocations.services.errors import ServiceError
from invocations.services.images.local import LocalImages
from invocations.storing.gallery.base import GalleryFilter
from invocations.values import ModelRef
from tests.invocations.services.conftest import noisy
from tests.workflows.served.shelf import refusal, send


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
        ("~x", "path_refused", "`~x` is a path, but a server saves images only in its gallery"),
        ("C:x.png", "path_refused", "`C:x.png` is a path, but a server saves images only in its gallery"),
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


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        (ModelRef("f", "/etc", ""), "path_refused"),
        (ModelRef("f", "none", "/etc"), "model_missing"),
        (ModelRef("f", "default", "", (("vae", "f", "/etc"),)), "path_refused"),
    ],
    ids=["a path as a name", "an unknown name", "a part"],
)
def test_a_reference_to_a_model_from_outside_says_nothing_about_folders(served, ref, code):
    _, services = served
    with pytest.raises(ServiceError) as refused:
        services.models.card(ref)
    assert refused.value.code == code


def test_the_path_in_a_reference_from_outside_is_not_used(served):
    _, services = served
    card = services.models.card(ModelRef("f", "default", "/etc"))
    assert str(card.path) == services.models.find("default").path


def test_an_upload_that_was_removed_to_free_space_is_to_be_sent_again(served):
    workspace, services = served
    ref = send(workspace, services, "house")
    services.uploads.folder.remove(ref.name)
    with pytest.raises(ServiceError) as refused:
        services.images.load("house")
    assert refused.value.message == "the image `house` was removed to free disk space"
    assert (refused.value.code, refused.value.hint) == ("image_gone", "send it again")


def test_the_file_of_an_image_is_always_a_png_that_this_program_has_written(served, tmp_path):
    _, services = served
    photo = tmp_path / "photo.jpg"
    noisy("RGB", 2100, 2000).save(photo)
    own = LocalImages(services.images._root, tmp_path)  # as the terminal loads a large image: it stores no copy
    (ref,) = own.load(str(photo))
    own.close()
    assert own.path(ref) == photo
    path = services.images.path(ref)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.is_relative_to(services._settings.data_dir)


def test_an_image_whose_file_has_changed_is_gone_and_the_file_is_not_named(served, tmp_path):
    _, services = served
    photo = tmp_path / "photo.png"
    noisy("RGB", 2100, 2000).save(photo)
    own = LocalImages(services.images._root, tmp_path)
    (ref,) = own.load(str(photo))
    own.close()
    noisy("RGB", 10, 10).save(photo)
    for attempt in (services.images.get, services.images.path):
        with pytest.raises(ServiceError) as refused:
            attempt(ref)
        assert refused.value.message == f"the image {ref.name[:12]} no longer exists"
