"""Recognize LoRA and its relatives, and list the layers that they change.

Sources of the names: LyCORIS lycoris/modules/; ComfyUI comfy/weight_adapter/ and comfy/lora.py; diffusers
loaders/lora_conversion_utils.py; InvokeAI tests/backend/patches/lora_conversions/lora_state_dicts/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.models.contents import Shape

ALGORITHMS: Final = (
    ("dora", ("dora_scale", "lora_magnitude_vector", "lora_magnitude_vector.weight")),
    ("lokr", ("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2")),
    ("loha", ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2")),
    ("oft", ("oft_blocks", "oft_diag", "oft_R.weight", "oft_R.default.weight", "rescale")),
    ("glora", ("a1.weight", "a2.weight", "b1.weight", "b2.weight")),
    ("ia3", ("on_input",)),
    ("lora", (
        "lora_down.weight", "lora_up.weight", "lora_mid.weight", "lora_A.weight", "lora_B.weight", "lora_A", "lora_B",
        "lora_A.default.weight", "lora_B.default.weight", "lora.down.weight", "lora.up.weight",
        "lora_linear_layer.down.weight", "lora_linear_layer.up.weight", "lora_B.bias", "lora_embedding_A",
        "lora_embedding_B",
    )),
    ("full", ("diff", "diff_b", "set_weight", "reshape_weight")),
    ("norm", ("w_norm", "b_norm")),
)  # fmt: skip
"""The ways in which a change is stored, each with the last parts of its tensor names; the first one present names it.

DoRA's tensors accompany those of another way; they name it only beside those of LoRA.
"""

COMPANIONS: Final = ("alpha", "scale", "bias", "network_alpha")
"""The last parts of names that accompany a change and say nothing alone."""

_JOINED = re.compile(r"(.*)[._](to_\w+|qkv|proj|out)_lora\d?\.(down|up)\.weight")  # `to_q_lora.down`, `qkv_lora1.down`
_PREFIXES = re.compile(
    r"(?:base_model\.model\.|model\.diffusion_model\.|conditional_transformer\.|diffusion_model\.|transformer\.|unet\.|lora_unet_|lora_transformer_"
    r"|lycoris_(?:unet_)?|lora_prior_unet_|lora_prior_|oft_unet_)"
)
_TEXT_ENCODERS = {
    "lora_te_": "te.", "lora_te1_": "te1.", "lora_te2_": "te2.", "lora_te3_": "te3.", "text_encoder.": "te1.",
    "text_encoder_2.": "te2.", "text_encoder_3.": "te3.", "text_encoders.": "te.", "lora_prior_te_": "te.",
    "clip_l.": "te1.", "clip_g.": "te2.",
}  # fmt: skip
_SHARE = 0.5  # a checkpoint into which a LoRA was merged may keep some of its names


@dataclass(frozen=True, slots=True)
class Adapter:
    """The layers that an adapter changes, by canonical path: dots only, `te1.` before those of a text encoder.

    layers: the shape (outputs, inputs) of each changed layer, as far as its tensors show it; unknown sizes are 0.
    spelled: the same layers as the file spells them, by canonical path.
    """

    algorithm: str
    dialect: str
    rank: int | None
    layers: Mapping[str, Shape]
    spelled: Mapping[str, str]


def adapter_of(shapes: Mapping[str, Shape]) -> Adapter | None:
    """Return the adapter if most of the tensors have names as adapters use them, else None."""
    split = {name: _split(name) for name in shapes}
    found = {name: parts for name, parts in split.items() if parts is not None}
    own = [name for name, parts in found.items() if parts[1]]
    companions = len(found) - len(own)
    if not own or len(own) < _SHARE * (len(shapes) - companions):
        return None
    present = {parts[1] for parts in found.values()}
    algorithm = next(
        name for name, _ in ALGORITHMS if name in present and (name != "dora" or present <= {"dora", "lora", ""})
    )
    spelled = {canonical(module): module for module, own_way, _ in found.values() if own_way}
    return Adapter(algorithm, _dialect(own[0]), _rank(shapes, found), _layers(shapes, found), spelled)


Split = tuple[str, str, str]


def _split(name: str) -> Split | None:
    """Return the module, the algorithm and the last parts of a tensor's name; the algorithm of a companion is ""."""
    joined = _JOINED.fullmatch(name)
    if joined:
        return f"{joined[1]}.{joined[2]}", "lora", f"lora.{joined[3]}.weight"
    parts = name.split(".")
    for count in (3, 2, 1):
        last = ".".join(parts[-count:])
        if last in _ENDINGS and len(parts) > count:
            return ".".join(parts[:-count]), _ENDINGS[last], last
    return None


_ENDINGS = {
    **dict.fromkeys(COMPANIONS, ""),
    **{ending: algorithm for algorithm, endings in ALGORITHMS for ending in endings},
}


def canonical(module: str) -> str:
    """Return the path of a module with dots only, without the prefix of its dialect: `te1.` marks a text encoder."""
    for prefix, short in _TEXT_ENCODERS.items():
        if module.startswith(prefix):
            return short + module[len(prefix) :].replace("_", ".")
    while match := _PREFIXES.match(module):
        module = module[match.end() :]
    return module.replace(".processor.", ".").replace("_", ".")


def _dialect(name: str) -> str:
    """Return whose way of naming layers it is."""
    if name.startswith(("lora_unet_", "lora_te", "lycoris_", "oft_unet_", "lora_prior")):
        return "kohya"
    if name.startswith("lora_transformer_"):
        return "onetrainer"
    if ".processor." in name and "double_blocks." in name:
        return "xlabs"
    if name.startswith("base_model."):
        return "peft"
    if name.startswith(("unet.", "text_encoder", "transformer.")):
        return "diffusers"
    return "comfyui" if name.startswith("diffusion_model.") else "original"


_RANKED = ("lora_down.weight", "lora_A.weight", "lora_A", "lora_A.default.weight", "lora.down.weight", "hada_w1_b")


def _rank(shapes: Mapping[str, Shape], found: Mapping[str, Split]) -> int | None:
    ranks = [shapes[name][0] for name, (_, _, last) in found.items() if last in _RANKED and shapes[name]]
    return max(set(ranks), key=ranks.count) if ranks else None


# The axis of each tensor that has the size of the layer's outputs or inputs.
_OUTPUTS = {
    "lora_up.weight": 0, "lora_B.weight": 0, "lora_B": 0, "lora_B.default.weight": 0, "lora.up.weight": 0,
    "lora_linear_layer.up.weight": 0, "hada_w1_a": 0, "diff": 0, "lokr_w1": 0, "lokr_w2": 0, "lokr_w1_a": 0,
    "lokr_w2_a": 0,
}  # fmt: skip
_INPUTS = {
    "lora_down.weight": 1, "lora_A.weight": 1, "lora_A": 1, "lora_A.default.weight": 1, "lora.down.weight": 1,
    "lora_linear_layer.down.weight": 1, "hada_w1_b": 1, "diff": 1, "lokr_w1": 1, "lokr_w2": 1, "lokr_w1_b": 1,
    "lokr_w2_b": 1,
}  # fmt: skip


def _layers(shapes: Mapping[str, Shape], found: Mapping[str, Split]) -> dict[str, Shape]:
    """Return (outputs, inputs) of each layer, and 4 sizes if it is a convolution; LoKr multiplies its two factors."""
    layers: dict[str, list[int]] = {}
    for name, (module, algorithm, last) in found.items():
        if algorithm:
            layer, shape = layers.setdefault(canonical(module), [0, 0]), shapes[name]
            for axis, places in ((0, _OUTPUTS), (1, _INPUTS)):
                if last in places and len(shape) > places[last]:
                    layer[axis] = shape[places[last]] * (layer[axis] or 1 if algorithm == "lokr" else 1)
            if len(shape) == 4 and len(layer) == 2:
                layer += shape[2:]
    return {path: tuple(sizes) for path, sizes in layers.items()}
