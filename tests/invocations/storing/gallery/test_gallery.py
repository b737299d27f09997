"""The gallery lists what was made and sent; the same tests pass in memory and in SQLite."""

from __future__ import annotations

import threading

import pytest

from invocations import errors
from invocations.storing.gallery.base import GalleryFilter, ImageMissing, NameTaken
from invocations.storing.local import LocalStore
from tests.invocations.storing.gallery.drawn import MASK, drawn, finished, line, ref

FOX, OWL, CAT = ref("fox"), ref("owl"), ref("cat")


def record(store, session, *entries, created=1.0):
    store.create(session, created)
    for entry in entries:
        store.append(session, entry)


def ids(images):
    return [image.id for image in images]


def test_an_image_is_listed_as_soon_as_its_node_is_recorded(store):
    record(store, "s", *drawn("fox", "owl"))
    owl, fox = store.gallery.page()
    assert (owl.id, owl.kind, owl.width, owl.height, owl.origin) == (OWL.name, "image", 64, 32, "result")
    assert (owl.session, owl.node, owl.path, owl.line, owl.text) == ("s", "d2", (), 2, "t2i a fox")
    assert (owl.model, owl.created, owl.starred, owl.tags, owl.names) == ("tiny", 22.0, False, (), ())
    assert (fox.id, fox.line, fox.ref) == (FOX.name, 1, FOX)


def test_a_session_that_is_created_with_its_log_is_listed_unless_it_was_imported(store):
    store.create("s", 1.0, drawn("fox"))
    store.create("t", 1.0, drawn("owl", session="t"), imported=True)
    if isinstance(store, LocalStore):
        assert ids(store.gallery.page()) == [FOX.name]
    store.append("t", *drawn("cat", session="t", first=2))  # made here, after the session was trusted
    assert CAT.name in ids(store.gallery.page())


def test_an_image_that_is_made_again_is_listed_once_with_its_latest_line(store):
    record(store, "s", *drawn("fox", "owl"))
    record(store, "t", *drawn("fox", session="t", text="t2i again", time=90.0))
    fox, _ = store.gallery.page()
    assert (fox.id, fox.session, fox.text, fox.created) == (FOX.name, "t", "t2i again", 91.0)
    (earlier,) = store.gallery.page(GalleryFilter(session="s", words=("fox",), before=fox.position, limit=5))[-1:]
    assert earlier.id == OWL.name
    (fox,) = [each for each in store.gallery.page(GalleryFilter(session="s")) if each.id == FOX.name]
    assert (fox.session, fox.text) == ("s", "t2i a fox")


def test_the_iteration_of_an_image_is_listed(store):
    record(store, "s", line("tile", "tile"), finished("1", {"image": FOX}, path=(2, 0)))
    assert store.gallery.get(FOX.name).path == (2, 0)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (GalleryFilter(), ["mask", "sent", "cat", "owl", "fox"]),
        (GalleryFilter(limit=2), ["mask", "sent"]),
        (GalleryFilter(limit=0), []),
        (GalleryFilter(words=("T2I", "FOX")), ["owl", "fox"]),
        (GalleryFilter(words=("fox", "über")), []),
        (GalleryFilter(words=("büro",)), ["sent"]),
        (GalleryFilter(words=("winter",)), ["owl"]),
        (GalleryFilter(words=("%",)), []),
        (GalleryFilter(session="t"), ["cat"]),
        (GalleryFilter(model="tiny"), ["owl", "fox"]),
        (GalleryFilter(model="large"), ["cat"]),
        (GalleryFilter(kind="mask"), ["mask"]),
        (GalleryFilter(origin="upload"), ["mask", "sent"]),
        (GalleryFilter(origin="result", starred=True), ["fox"]),
        (GalleryFilter(starred=False, limit=1), ["mask"]),
        (GalleryFilter(tag="WINTER"), ["owl"]),
        (GalleryFilter(tag="wint"), []),
        (GalleryFilter(since=22.0), ["mask", "sent", "cat", "owl"]),
    ],
)
def test_images_are_filtered(store, wanted, found):
    record(store, "s", *drawn("fox", "owl"))
    record(store, "t", *drawn("cat", session="t", text="t2i a cat", model="large", time=50.0))
    store.gallery.add(ref("sent"), "Büro")
    store.gallery.add(ref("mask", MASK), "hole")
    store.gallery.change(FOX.name, starred=True)
    store.gallery.change(OWL.name, tags=["Winter", "bird"])
    names = {ref(name).name: name for name in ("fox", "owl", "cat", "sent", "mask")}
    assert [names[image.id] for image in store.gallery.page(wanted)] == found


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_pages_contain_each_image_once(store, size):
    record(store, "s", line("tile", "tile"), finished("1", {"image": [ref(str(number)) for number in range(7)]}))
    found, before = [], None
    while page := store.gallery.page(GalleryFilter(limit=size, before=before)):
        assert len(page) <= size
        found += ids(page)
        before = page[-1].position
    assert found == ids(store.gallery.page())
    assert len(set(found)) == 7


def test_an_unknown_image_is_refused_whatever_is_asked(store):
    for asked in (FOX.name, "", "../x", "A" * 64, "x" * 5000):
        for attempt in (store.gallery.get, store.gallery.remove, lambda id_: store.gallery.change(id_, starred=True)):
            with pytest.raises(ImageMissing) as refused:
                attempt(asked)
            assert refused.value.code == "image_missing"
            assert refused.value.message == f"there is no image `{asked[:64]}`"
    assert store.gallery.find(FOX.name) is None


def test_what_the_user_says_about_an_image_is_changed_part_by_part(store):
    record(store, "s", *drawn("fox"))
    assert store.gallery.change(FOX.name, starred=True).starred
    changed = store.gallery.change(FOX.name, tags=[" a\tb ", "A B", "", "c\x1b[31m"])
    assert (changed.starred, changed.tags) == (True, ("a b", "c [31m"))
    changed = store.gallery.change(FOX.name, name="house.png")
    assert (changed.starred, changed.tags, changed.names) == (True, ("a b", "c [31m"), ("house",))
    assert store.gallery.change(FOX.name, name="Hut").names == ("Hut",)
    cleared = store.gallery.change(FOX.name, starred=False, tags=[], name="")
    assert (cleared.starred, cleared.tags, cleared.names, cleared.name) == (False, (), (), "")


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        ({"tags": ["x" * 51]}, "a tag has 51 characters; it can have at most 50", "shorten it"),
        ({"tags": list("abcdefghijklmnopqrstuvwxyz0123456789")},
         "these are 36 tags; an image can have at most 32", "remove some"),
        ({"name": "x" * 101}, "the name has 101 characters; it can have at most 100", "shorten it"),
        ({"name": "../etc/passwd"}, "an image cannot be named `../etc/passwd`",
         "use letters, digits, `-`, `_`, `+` and `.`, beginning with a letter or a digit"),
    ],
    ids=["a long tag", "many tags", "a long name", "a path"],
)  # fmt: skip
def test_a_change_that_is_invalid_is_refused_as_a_whole(store, change, message, hint):
    record(store, "s", *drawn("fox"))
    with pytest.raises(errors.BadValue) as refused:
        store.gallery.change(FOX.name, **{"starred": True, **change})
    assert (refused.value.message, refused.value.hint) == (message, hint)
    assert not store.gallery.get(FOX.name).starred


def test_a_name_that_another_image_has_is_refused_and_changes_nothing(store):
    store.gallery.add(FOX, "house")
    store.gallery.add(OWL, "hut")
    with pytest.raises(NameTaken) as refused:
        store.gallery.change(OWL.name, name="HOUSE", starred=True)
    assert refused.value.message == "another image is named `HOUSE`"
    assert refused.value.hint == "choose another name, or rename that image first"
    assert (store.gallery.get(OWL.name).names, store.gallery.get(OWL.name).starred) == (("hut",), False)


def test_images_are_found_by_name_ignoring_case(store):
    store.gallery.add(FOX, "Straße")
    assert store.gallery.named("STRASSE").id == FOX.name
    assert store.gallery.named("street") is None
    store.gallery.remove(FOX.name)
    assert store.gallery.named("Straße") is None
    assert store.gallery.names() == []


def test_an_added_image_gets_a_free_name_or_takes_the_name(store):
    assert store.gallery.add(FOX, "house").names == ("house",)
    assert store.gallery.add(OWL, "House").names == ("House-2",)
    assert store.gallery.add(CAT, "house").names == ("house-3",)
    assert store.gallery.add(FOX, "house").names == ("house",)
    assert store.gallery.add(CAT, "house", take=True).names == ("house", "house-3")
    assert store.gallery.get(FOX.name).names == ()
    assert store.gallery.names() == ["house", "house-3", "House-2"]


def test_an_upload_that_a_line_makes_later_stays_an_upload(store):
    store.gallery.add(FOX, "house")
    record(store, "s", *drawn("fox", time=5e9))
    (fox,) = store.gallery.page()
    assert (fox.origin, fox.names, fox.session, fox.text) == ("upload", ("house",), "s", "t2i a fox")


def test_deleting_a_session_removes_only_what_nobody_wanted_to_keep(store):
    record(store, "s", *drawn("fox", "owl", "cat", "elk", "ant", "bee"))
    record(store, "t", *drawn("elk", session="t"))
    store.gallery.change(FOX.name, starred=True)
    store.gallery.change(OWL.name, tags=["bird"])
    store.gallery.change(CAT.name, name="cat")
    store.gallery.add(ref("ant"))
    store.delete("s")
    kept = {image.id: image for image in store.gallery.page()}
    assert set(kept) == {ref(name).name for name in ("fox", "owl", "cat", "elk")}
    assert (kept[FOX.name].session, kept[FOX.name].text, kept[FOX.name].line) == ("", "", 0)
    assert kept[ref("elk").name].session == "t"
    store.delete("t")
    assert ref("elk").name not in ids(store.gallery.page())


def test_a_removed_image_is_listed_again_when_it_is_made_again(store):
    record(store, "s", *drawn("fox"))
    store.gallery.change(FOX.name, starred=True)
    store.gallery.remove(FOX.name)
    assert store.gallery.page() == []
    store.append("s", *drawn("fox", first=2))
    assert [image.starred for image in store.gallery.page()] == [False]


def test_starred_images_are_kept_by_a_sweep(store):
    record(store, "s", *drawn("fox", "owl"))
    store.gallery.change(FOX.name, starred=True)
    assert set(store.gallery.kept()) == {FOX.name}


def test_watchers_are_told_about_each_change_until_they_stop(store):
    seen = []
    stop = store.gallery.watch(lambda change, image: seen.append((change, image)))
    record(store, "s", *drawn("fox", "owl"))
    store.gallery.change(FOX.name, starred=True)
    store.gallery.add(CAT)
    store.gallery.remove(CAT.name)
    store.delete("s")
    assert seen == [
        ("put", FOX.name), ("put", OWL.name), ("changed", FOX.name), ("put", CAT.name), ("gone", CAT.name),
        ("gone", OWL.name),
    ]  # fmt: skip
    stop()
    store.gallery.remove(FOX.name)
    assert len(seen) == 6


def test_many_threads_that_want_the_same_name_get_different_ones(store):
    threads = [threading.Thread(target=store.gallery.add, args=(ref(str(number)), "house")) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(store.gallery.names()) == sorted(["house", *(f"house-{number}" for number in range(2, 13))])


def test_a_line_without_text_gets_one_in_the_gallery_too(store):
    record(store, "s", *drawn("fox", text=""))
    store.describe_line("s", 1, "t2i a fox")
    assert store.gallery.page(GalleryFilter(words=("fox",)))[0].text == "t2i a fox"
