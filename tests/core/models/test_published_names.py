"""Every kind and family is identified by the names and true widths that public sources list, in every container."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.models.contents import Contents
from core.models.evidence import Evidence, file_evidence
from core.models.kinds.families import FAMILIES
from core.models.kinds.identify import identify
from core.models.kinds.identity import KINDS, Identity
from tests.core.models.headers import write_gguf, write_safetensors
from tests.core.models.published_names import Published, published

LISTS = published()
ALL = pytest.mark.parametrize("ident", LISTS)
BARE = [ident for ident, one in LISTS.items() if one.kind == "model" and "checkpoint" not in ident]
FOLDER_ONLY = {"omnigen"}
"""Families that only the class of a folder names."""


def evidence(one: Published, prefix: str = "", dtype: str = "F16", container: str = "safetensors") -> Evidence:
    """Return the evidence of a file with these tensors."""
    shapes = {prefix + name: shape for name, shape in one.shapes.items()}
    return Evidence(Path("some.safetensors"), container, Contents(shapes, dict.fromkeys(shapes, dtype)))


def named(identity: Identity) -> tuple[str, str, str]:
    return identity.kind, identity.family, identity.variant


@ALL
def test_a_file_is_identified_by_its_header(ident: str, tmp_path: Path) -> None:
    one = LISTS[ident]
    found = identify(file_evidence(write_safetensors(tmp_path / "some.safetensors", one.shapes)))
    assert named(found) == (one.kind, one.family, one.variant), found.why
    assert found.layout == one.layout or not one.layout
    assert found.dtype == "fp16"
    assert found.why


@pytest.mark.parametrize("ident", BARE)
@pytest.mark.parametrize("prefix", ["model.diffusion_model.", "diffusion_model.", "transformer.", "model."])
def test_a_denoiser_is_identified_below_every_usual_prefix(ident: str, prefix: str) -> None:
    one = LISTS[ident]
    found = identify(evidence(one, prefix))
    assert named(found) == (one.kind, one.family, one.variant), found.why
    assert found.parts[0].prefix == prefix


@ALL
def test_a_file_in_fp8_is_identified(ident: str) -> None:
    one = LISTS[ident]
    found = identify(evidence(one, dtype="F8_E4M3"))
    assert (*named(found), found.dtype, found.quant) == (one.kind, one.family, one.variant, "fp8_e4m3", "fp8")


@pytest.mark.parametrize("ident", [*BARE, "t5-gguf", "qwen3-4b-gguf"])
def test_a_gguf_file_is_identified_and_its_type_is_named(ident: str, tmp_path: Path) -> None:
    one = LISTS[ident]
    found = identify(file_evidence(write_gguf(tmp_path / "some.gguf", one.shapes, "Q4_K")))
    assert named(found) == (one.kind, one.family, one.variant), found.why
    is_quantized = any(len(shape) > 1 and shape[-1] % 256 == 0 for shape in one.shapes.values())
    assert (found.dtype, found.quant) == (("Q4_K", "gguf") if is_quantized else ("fp32", ""))


@pytest.mark.parametrize("ident", LISTS)
def test_no_reason_is_given_twice_and_no_tensor_is_both_there_and_missing(ident: str) -> None:
    why = identify(evidence(LISTS[ident])).why
    present = {text.removeprefix("has ").partition(" is ")[0] for text in why if not text.startswith("has no ")}
    assert len({*why}) == len(why)
    assert present.isdisjoint(text[7:] for text in why if text.startswith("has no "))


def test_every_list_cites_its_source() -> None:
    assert [ident for ident, one in LISTS.items() if not re.search(r"\w/?\w+\.py", one.source)] == []


def test_every_kind_and_every_family_has_a_list() -> None:
    assert set(KINDS) == {one.kind for one in LISTS.values()}
    models = {one.family for one in LISTS.values() if one.kind == "model"}
    assert {family.name for family in FAMILIES} - models == FOLDER_ONLY
