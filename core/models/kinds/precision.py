"""The type in which most weights are stored, and how they are quantized.

Sources of the names: ComfyUI comfy/utils.py (detect_layer_quantization) and comfy/ops.py; bitsandbytes; nunchaku;
AutoGPTQ; ggml (names of types).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from core.models.contents import Contents

DTYPES: Final = {
    "F32": "fp32", "F16": "fp16", "BF16": "bf16", "F64": "fp64", "F8_E4M3": "fp8_e4m3", "F8_E5M2": "fp8_e5m2",
    "I8": "int8", "U8": "uint8", "F4": "fp4", "I32": "int32", "I64": "int64",
}  # fmt: skip
"""The usual names of types, by their names in safetensors; those of GGUF stay as they are."""

BLOCKS: Final = ("Q", "IQ", "TQ", "MXFP")
"""How the names of those types of GGUF begin that store quantized weights in blocks."""

QUANTIZED: Final = (
    ("svdquant", ("wscales", "smooth_factor", "proj_down")),
    ("nf4", ("quant_state.bitsandbytes__nf4",)),
    ("fp4", ("quant_state.bitsandbytes__fp4",)),
    ("int8", ("SCB",)),
    ("gptq", ("qzeros", "g_idx")),
    ("comfy", ("comfy_quant",)),
    ("fp8", ("scale_weight", "weight_scale", "scaled_fp8", "scale_input", "input_scale")),
)
"""Ways of quantizing, by the last parts of the names of their extra tensors; the first one that is there counts."""


def dtype_of(contents: Contents, names: Iterable[str]) -> str:
    """Return the type that most bytes of these tensors have, in its usual name.

    In a GGUF file with quantized weights, it is one of the quantized types: biases, norms and convolutions, which are
    often not quantized, may take more bytes.
    """
    names = [*names]
    totals = dict.fromkeys([contents.dtypes[name] for name in names], 0)
    for name in names if len(totals) > 1 else ():
        totals[contents.dtypes[name]] += contents.size_of(name)
    quantized = [dtype for dtype in totals if dtype.startswith(BLOCKS)]
    largest = max(quantized or totals, key=lambda dtype: totals[dtype], default="")
    return DTYPES.get(largest, largest)


def quant_of(contents: Contents, container: str, dtype: str, config: dict[str, Any] | None = None) -> str:
    """Return how the weights are quantized, or "" if they are plain numbers."""
    if container == "gguf":
        return "" if dtype in DTYPES.values() else "gguf"
    ends = {end for name in contents.shapes for end in _ends(name)}
    found = next((way for way, marks in QUANTIZED if not ends.isdisjoint(marks)), "")
    if found == "svdquant" and not any(name.endswith(".qweight") for name in contents.shapes):
        found = ""
    return found or _stated(config or {}) or ("fp8" if dtype.startswith("fp8") else "")


def _ends(name: str) -> tuple[str, str]:
    parts = name.rsplit(".", 2)
    return parts[-1], ".".join(parts[-2:])


def _stated(config: dict[str, Any]) -> str:
    """Return what the `quantization_config` of a folder says."""
    settings = config.get("quantization_config")
    if not isinstance(settings, dict):
        return ""
    if settings.get("load_in_4bit") or settings.get("_load_in_4bit"):
        return str(settings.get("bnb_4bit_quant_type", "nf4"))
    return str(settings.get("quant_method", "")) or "quantized"
