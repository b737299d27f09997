"""Each model has a state: ready, lacking a part, not usable yet, or unusable."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import CoreError, ModelBroken, ModelUnsupported, PickleRefused
from core.models import refusal
from core.models.kinds.identity import KINDS, Identity
from core.models.recognize import recognize
from core.models.recognized import Recognized
from core.models.refusal import PLURALS, can_run, is_part
from core.models.scan import candidate_at
from invocations.services.models.states import state_of


def test_whether_a_model_can_run_depends_on_family_container_variant_and_quantization() -> None:
    assert can_run(Identity("model", "sd1"), "folder") is None
    assert can_run(Identity("lora", "sd1"), "safetensors") == "is not a model that generates images"
    for identity, container in (
        (Identity("model", "flux1"), "folder"),
        (Identity("model", "sd1"), "gguf"),
        (Identity("model", "sd1", quant="nf4"), "folder"),
        (Identity("model", "sd1", "depth"), "folder"),
    ):
        assert can_run(identity, container) == "cannot run yet"


@pytest.mark.parametrize(
    ("identity", "container", "expected"),
    [
        (Identity("model", "sd1"), "folder", ("ready", "")),
        (Identity("model", "sd1", missing=("vae", "clip-l")), "folder", ("needs", "needs a VAE and CLIP L")),
        (Identity("model", "flux1"), "folder", ("not yet", "cannot run yet")),
        (Identity("lora", "sd1"), "safetensors", ("not yet", "not usable yet")),
        (Identity("model", "sd1"), "pickle", ("unusable", "it is a pickle, which can run code when it is loaded")),
        (Identity("unknown", why=("no rule knows it",)), "safetensors", ("unusable", "no rule knows it")),
    ],
)
def test_each_model_has_a_state_and_a_short_reason(
    identity: Identity, container: str, expected: tuple[str, str]
) -> None:
    assert state_of(Recognized(Path("fox"), "fox", container, identity)) == expected


@pytest.mark.parametrize(
    ("identity", "container", "state"),
    [
        (Identity("vae", "sd1"), "safetensors", "ready"),
        (Identity("text-encoder", "clip-g"), "folder", "ready"),
        (Identity("vae", "flux1"), "safetensors", "not yet"),
        (Identity("vae", "sd1", "taesd"), "safetensors", "not yet"),
        (Identity("text-encoder", "t5-xxl"), "safetensors", "not yet"),
        (Identity("text-encoder", "clip-l"), "gguf", "not yet"),
    ],
)
def test_a_vae_or_text_encoder_of_a_family_that_runs_is_ready_to_complete_others(
    identity: Identity, container: str, state: str
) -> None:
    found = Recognized(Path("fox"), "fox", container, identity)
    assert state_of(found)[0] == state
    assert is_part(found) == (state == "ready")
    if state == "ready":
        way = "--model MODEL --vae fox" if identity.kind == "vae" else "single-file models that lack a text encoder"
        assert way in refusal.refusal(found).hint


@pytest.mark.parametrize(
    ("code", "state", "kind"),
    [
        ("model_broken", ("unusable", "its x is y"), ModelBroken),
        ("model_unsupported", ("not yet", "cannot run yet"), ModelUnsupported),
        ("pickle_refused", ("unusable", "its x is y"), PickleRefused),
    ],
)
def test_a_folder_with_a_problem_is_refused_with_the_error_of_that_problem(
    code: str, state: tuple[str, str], kind: type[CoreError]
) -> None:
    found = Recognized(Path("fox"), "fox", "folder", Identity("model", "sd1"), problem="its x is y", code=code)
    assert state_of(found) == state
    assert isinstance(refusal.refusal(found), kind)


def test_each_kind_that_cannot_be_used_has_a_plural() -> None:
    assert PLURALS.keys() == KINDS.keys() - {"model", "other", "unknown"}


def test_a_pickle_that_runs_code_is_unusable_and_the_reason_names_what_it_calls(tmp_path: Path) -> None:
    (tmp_path / "fox.ckpt").write_bytes(b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00trueq\x00\x85R.")
    found = recognize(candidate_at(tmp_path / "fox.ckpt"))
    assert state_of(found) == ("unusable", "it is a pickle that calls `posix.system` when it is loaded")
