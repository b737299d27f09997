"""Prompts, models and clip skip are traced back through the nodes of a ComfyUI graph."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.importers.comfyui.graphs import LINE, graph, node, sampler
from tests.workflows.importers.conftest import Imports


def prompt_in(line: str) -> str:
    return line.split(" --negative ")[0]


@pytest.mark.parametrize(
    ("kind", "inputs", "text"),
    [
        ("StringConcatenate", {"string_a": "a", "string_b": "fox", "delimiter": " red "}, "a red fox"),
        ("StringConcatenate", {"string_a": "a", "string_b": ["6", 0], "delimiter": " "}, "a b c"),
        ("StringTrim", {"string": "  a fox ", "mode": "Both"}, "a fox"),
        ("StringReplace", {"string": "a cat", "find": "cat", "replace": "fox"}, "a fox"),
        ("StringSubstring", {"string": "see a fox run", "start": 4, "end": 9}, "a fox"),
        ("CaseConverter", {"string": "A FOX", "mode": "lowercase"}, "a fox"),
        ("PrimitiveString", {"value": "a fox"}, "a fox"),
        ("PrimitiveStringMultiline", {"value": "a fox"}, "a fox"),
        ("ComfySwitchNode", {"switch": True, "on_true": "a fox", "on_false": "a cat"}, "a fox"),
        ("ComfySwitchNode", {"switch": False, "on_true": "a fox", "on_false": ["6", 0]}, "b c"),
        ("ComfySwitchNode", {"switch": ["61", 0], "on_true": "a fox", "on_false": "a cat"}, "a cat"),
        ("ImpactSwitch", {"select": 2, "input1": "a cat", "input2": "a fox"}, "a fox"),
        ("CR Text Input Switch", {"Input": 1, "text1": "a fox", "text2": "a cat"}, "a fox"),
        ("Any Switch (rgthree)", {"any_02": ["6", 0]}, "b c"),
        ("Text Concatenate", {"text_a": "a fox", "text_b": "", "text_c": ["6", 0], "delimiter": ", "}, "a fox, b c"),
        ("JoinStrings", {"string1": "a", "string2": "fox"}, "a fox"),
        ("StringFunction|pysssss", {"action": "append", "text_a": "a fox", "text_b": "snow"}, "a fox, snow"),
        ("StringFunction|pysssss", {"action": "replace", "text_a": "a cat", "text_b": "cat", "text_c": "fox"}, "a fox"),
        ("ShowText|pysssss", {"text": ["6", 0], "text_0": "b c"}, "b c"),
        ("Reroute", {"": ["6", 0]}, "b c"),
    ],
)
def test_prompts_are_followed_through_string_nodes(
    line_of: Imports, kind: str, inputs: dict[str, Any], text: str
) -> None:
    line, notes = line_of(
        graph(
            n3=sampler(positive=["10", 0]),
            n10=node("CLIPTextEncode", text=["11", 0], clip=["4", 1]),
            n11=node(kind, **inputs),
            n6=node("PrimitiveString", value="b c"),
            n61=node("PrimitiveBoolean", value=False),
        )
    )
    assert prompt_in(line) == f't2i "{text}"'
    assert notes == ()


def test_the_note_about_an_unknown_string_node_names_the_input_that_is_used(line_of: Imports) -> None:
    encoder = node("CLIPTextEncode", text=["11", 0], clip=["4", 1])
    assert line_of(graph(n6=encoder, n11=node("Wild Text", text="a fox", seed=3))) == (
        LINE,
        ("node 11 `Wild Text` is not supported: its `text` is used", "node 11 `Wild Text`: not supported: seed 3"),
    )


def test_a_prompt_that_cannot_be_determined_is_noted(line_of: Imports) -> None:
    encoder = node("CLIPTextEncode", text=["11", 2], clip=["4", 1])
    line, notes = line_of(graph(n6=encoder, n11=node("Tagger", threshold=0.3)))
    assert line.startswith('t2i "" --negative blur')
    assert notes == (
        "node 6 `CLIPTextEncode`: `text` comes from node 11 `Tagger` and is not known",
        "node 11 `Tagger` is not supported: threshold 0.3",
    )


PAIR = {"positive": ["6", 0], "negative": ["7", 0]}


@pytest.mark.parametrize(
    ("kind", "inputs", "positive", "negative"),
    [
        ("ControlNetApplyAdvanced", PAIR, 0, 1),
        ("InpaintModelConditioning", PAIR, 0, 1),
        ("OddPair", PAIR, 0, 1),
        ("Context (rgthree)", PAIR, 4, 5),
        ("FromBasicPipe_v2", PAIR, 4, 5),
    ],
)
def test_a_node_with_two_outputs_supplies_the_positive_and_the_negative_prompt(
    line_of: Imports, kind: str, inputs: dict[str, Any], positive: int, negative: int
) -> None:
    taken = sampler(positive=["13", positive], negative=["13", negative])
    assert line_of(graph(n3=taken, n13=node(kind, **inputs)))[0] == LINE


def test_outputs_linked_crosswise_swap_the_positive_and_the_negative_prompt(line_of: Imports) -> None:
    swapped = sampler(positive=["13", 1], negative=["13", 0])
    line, _ = line_of(graph(n3=swapped, n13=node("ControlNetApplyAdvanced", **PAIR)))
    assert line.startswith('t2i blur --negative "a fox" ')


@pytest.mark.parametrize(
    ("kind", "inputs", "text", "note"),
    [
        ("ConditioningConcat", {"conditioning_to": ["6", 0], "conditioning_from": ["14", 0]}, "a fox, in snow",
         "node 13 `ConditioningConcat`: combined prompts are not supported and are joined with commas"),
        ("ConditioningCombine", {"conditioning_1": ["6", 0], "conditioning_2": ["14", 0]}, "a fox, in snow",
         "node 13 `ConditioningCombine`: combined prompts are not supported and are joined with commas"),
        ("ConditioningAverage",
         {"conditioning_to": ["6", 0], "conditioning_from": ["14", 0], "conditioning_to_strength": 0.7}, "a fox",
         "node 13 `ConditioningAverage`: the second prompt, `in snow`, with a share of 0.3, is ignored"),
        ("ConditioningSetArea", {"conditioning": ["6", 0], "width": 64, "strength": 0.5}, "a fox",
         "node 13 `ConditioningSetArea` is not supported: width 64, strength 0.5"),
        ("FluxGuidance", {"conditioning": ["6", 0], "guidance": 3.5}, "a fox",
         "node 13 `FluxGuidance` is not supported: guidance 3.5"),
    ],
)  # fmt: skip
def test_combined_conditioning_is_joined_into_one_prompt_or_noted(
    line_of: Imports, kind: str, inputs: dict[str, Any], text: str, note: str
) -> None:
    in_snow = node("CLIPTextEncode", text="in snow", clip=["4", 1])
    line, notes = line_of(graph(n3=sampler(positive=["13", 0]), n13=node(kind, **inputs), n14=in_snow))
    assert prompt_in(line) == f't2i "{text}"'
    assert notes == (note,)


def test_zeroed_out_conditioning_is_read_as_an_empty_prompt(line_of: Imports) -> None:
    zeroed = node("ConditioningZeroOut", conditioning=["6", 0])
    assert line_of(graph(n3=sampler(negative=["13", 0]), n13=zeroed)) == (LINE.replace(" --negative blur", ""), ())


@pytest.mark.parametrize(
    ("inputs", "second"),
    [
        ({"text_g": "a fox", "text_l": "a fox"}, None),
        ({"text_g": "a fox", "text_l": "oil"}, "text_l `oil`"),
        ({"text_g": "", "text_l": "a fox"}, None),
        ({"clip_l": "oil", "t5xxl": "a fox"}, "clip_l `oil`"),
    ],
)
def test_a_second_prompt_in_an_encoder_node_is_noted_if_it_differs_from_the_first(
    line_of: Imports, inputs: dict[str, str], second: str | None
) -> None:
    line, notes = line_of(graph(n6=node("CLIPTextEncodeOdd", clip=["4", 1], **inputs)))
    assert line == LINE
    assert notes == ((f"node 6 `CLIPTextEncodeOdd`: its second prompt is ignored: {second}",) if second else ())


def test_clip_skip_and_other_numeric_values_are_read_from_linked_nodes(line_of: Imports) -> None:
    line, notes = line_of(
        graph(
            n3=sampler(seed=["50", 0], steps=["53", 0], cfg=["53", 2], sampler_name=["53", 3], scheduler=["53", 4]),
            n50=node("PrimitiveInt", value=7),
            n52=node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
            n53=node("KSampler Config (rgthree)", steps_total=9, refiner_step=3, cfg=6.5, sampler_name="heun",
                     scheduler="normal"),
            n6=node("CLIPTextEncode", text="a fox", clip=["52", 0]),
        )
    )  # fmt: skip
    assert "--steps 9 --guidance 6.5 --scheduler heun --seed 7 --clip-skip 1 " in line
    assert notes == ()


def test_the_value_of_an_unknown_node_is_found_by_the_name_of_its_input(line_of: Imports) -> None:
    line, notes = line_of(graph(n3=sampler(cfg=["53", 4]), n53=node("Settings", cfg=6.5, mood="wild")))
    assert "--guidance 6.5 " in line
    assert notes == (
        "node 53 `Settings` is not supported: its `cfg` is used",
        "node 53 `Settings`: not supported: mood wild",
    )


def test_the_model_is_traced_back_through_the_nodes_that_change_it(line_of: Imports) -> None:
    line, notes = line_of(
        graph(
            n3=sampler(model=["41", 0]),
            n41=node("ModelSamplingDiscrete", model=["42", 0], sampling="v_prediction"),
            n42=node("Reroute", value=["43", 0]),
            n43=node("UNETLoader", unet_name="dreamshaper_8.safetensors", weight_dtype="default"),
            n4=node("CLIPLoader", clip_name="l.safetensors", type="sd3"),
        )
    )
    assert "--model dreamshaper_8 " in line
    assert notes == (
        "node 4 `CLIPLoader` is not supported: clip_name l.safetensors",
        "node 41 `ModelSamplingDiscrete` is not supported: sampling v_prediction",
    )
