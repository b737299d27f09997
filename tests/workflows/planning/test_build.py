"""Drafts of stages become nodes: values record their origins, and nodes are added to load images, masks and models."""

from __future__ import annotations

from typing import Any


def test_several_references_are_collected_into_a_list(cook: Any, links: Any) -> None:
    cook("t2i --as fox a fox")
    cook("t2i --as hare a hare")
    assert links(cook("grid @fox @hare")) == [
        "1.decode.image -> 3.collect.item written",
        "2.decode.image -> 3.collect.2.item written",
        "3.collect.collection -> 3.collect.2.earlier written",
        "3.collect.2.collection -> 3.images written",
    ]


def test_values_record_their_origin(cook: Any) -> None:
    cook.defaults = {"guidance": "3"}
    made = cook("model | prompt a fox | noise --width 64 | denoise | decode")
    origins = {f"{value.node}.{value.input}": value.origin for value in made.values}
    assert origins["1.name"] == "default"
    assert origins["2.text"] == "written"
    assert origins["3.width"] == "written"
    assert origins["3.height"] == "model"
    assert origins["3.seed"] == "drawn"
    assert origins["4.guidance"] == "set"
    assert origins["4.steps"] == "model"
    assert origins["4.strength"] == "default"


def test_only_inputs_that_depend_on_the_model_take_their_default_from_it(cook: Any) -> None:
    made = cook("encode a.png --model fox")
    assert {value.input: (value.value, value.origin) for value in made.values if value.node == "1"} == {
        "seed": (None, "default")
    }


def test_an_image_written_as_a_path_is_loaded(cook: Any, links: Any) -> None:
    made = cook("blur --image cat.png")
    assert [(node.id, node.type) for node in made.nodes] == [("1.load", "load"), ("1", "blur")]
    assert made.nodes[0].inputs["source"] == "cat.png"
    assert links(made) == ["1.load.image -> 1.image written"]


def test_an_image_can_come_from_standard_input(cook: Any) -> None:
    assert cook("blur --image -").nodes[0].inputs["source"] == "-"


def test_a_file_name_pattern_is_loaded_as_a_list(cook: Any, links: Any) -> None:
    assert links(cook("grid *.png")) == ["1.load.collection -> 1.images written"]


def test_a_mask_written_as_a_path_is_loaded_and_converted(cook: Any, links: Any) -> None:
    made = cook("load cat.png | paste --over dog.png --mask m.png")
    assert links(made)[-2:] == ["2.load.2.image -> 2.mask-grow.mask written", "2.mask-grow.mask -> 2.mask written"]
    assert dict(made.nodes[-2].inputs) == {"pixels": 0}


def test_a_model_written_as_a_name_is_loaded(cook: Any, links: Any) -> None:
    made = cook("noise --model dream")
    assert dict(made.nodes[0].inputs) == {"name": "dream"}
    assert links(made) == ["1.model.model -> 1.model written"]


def test_a_default_model_is_loaded_if_none_is_linked(cook: Any, links: Any) -> None:
    made = cook("prompt a fox")
    assert dict(made.nodes[0].inputs) == {"name": "default"}
    assert links(made) == ["1.model.model -> 1.model default"]
