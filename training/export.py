"""Export the model in the diffusers layout: `python -m training.export`."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

from training import tokenizer as words
from training.learn import load_checkpoint
from training.parts import GUIDANCE, SCHEDULER, SIZES, STEPS, UNET_CHECKPOINT, new_scheduler, new_text_encoder, new_unet
from training.vae import CHECKPOINT as VAE_CHECKPOINT
from training.vae import load_vae, new_vae
from training.world import world

TARGET = Path("core/models/default")
CARD = Path(__file__).with_name("model_card.md")


def export(unet: UNet2DConditionModel, text_encoder: CLIPTextModel, vae: AutoencoderKL, target: Path = TARGET) -> int:
    """Write all files to a temporary folder, then move each into place; return the total size in bytes."""
    staging = target.with_name(f"{target.name}.{os.getpid()}.part")
    shutil.rmtree(staging, ignore_errors=True)
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=words.load(),
        unet=unet,
        scheduler=new_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(str(staging))
    make_portable(staging / "text_encoder")
    words.write(staging / "tokenizer")
    for extra in ("tokenizer/tokenizer.json",):
        (staging / extra).unlink(missing_ok=True)
    _write_defaults(staging)
    _write_world(staging)
    shutil.copyfile(CARD, staging / "MODEL_CARD.md")
    _write_sums(staging)
    files = sorted(path for path in staging.rglob("*") if path.is_file())
    for path in files:
        final = target / path.relative_to(staging)
        final.parent.mkdir(parents=True, exist_ok=True)
        path.chmod(0o644)
        os.replace(path, final)
    shutil.rmtree(staging)
    return sum(path.stat().st_size for path in target.rglob("*") if path.is_file())


def make_portable(text_encoder: Path) -> None:
    """Change a saved text encoder so that `StableDiffusionPipeline.from_pretrained` runs the model as it is.

    transformers 4 needs the prefix `text_model.`, which transformers 5 reads but does not write: without the prefix,
    it keeps its random weights and reports no error. diffusers loads the UNet and the VAE in float32 whatever the type
    in their files, and transformers 5 loads the text encoder in the type that its config names.
    """
    weights, config = text_encoder / "model.safetensors", text_encoder / "config.json"
    named = {f"text_model.{name.removeprefix('text_model.')}": tensor for name, tensor in load_file(weights).items()}
    save_file(named, weights, metadata={"format": "pt"})
    settings = {**json.loads(config.read_text(encoding="utf-8")), "dtype": "float32"}
    config.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _write_defaults(folder: Path) -> None:
    settings = {
        "schema": "model-defaults/1",
        "width": SIZES[0][0],
        "height": SIZES[0][1],
        "steps": STEPS,
        "guidance": GUIDANCE,
        "scheduler": SCHEDULER,
        "sizes": [list(size) for size in SIZES],
    }
    (folder / "defaults.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def _write_world(folder: Path) -> None:
    text = json.dumps({"schema": "model-world/1", "world": world()}, indent=2)
    (folder / "world.json").write_text(text + "\n", encoding="utf-8")


def _write_sums(folder: Path) -> None:
    lines = []
    for path in sorted(folder.rglob("*.safetensors")):
        lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n")
    (folder / "SHA256").write_text("".join(lines), encoding="utf-8")


def half(module: Any, weights: dict[str, Any]) -> Any:
    """Load weights into a module and convert it to float16."""
    module.load_state_dict(weights)
    return module.half().eval()


def main() -> None:
    """Export the last checkpoint, or random weights of the same layout."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("--out", type=Path, default=TARGET)
    parser.add_argument("--random", action="store_true", help="export random weights if nothing has been trained yet")
    args = parser.parse_args()
    cpu = torch.device("cpu")
    state = load_checkpoint(UNET_CHECKPOINT, cpu)
    torch.manual_seed(0)
    unet, text_encoder = new_unet(), new_text_encoder(words.load())
    vae = load_vae(cpu) if VAE_CHECKPOINT.exists() else new_vae()
    if state:
        unet.load_state_dict(state["ema_unet"])
        text_encoder.load_state_dict(state["ema_text"])
    elif not args.random:
        raise SystemExit(f"no checkpoint in {UNET_CHECKPOINT}: run `python -m training.unet` first, or pass --random")
    size = export(unet.half().eval(), text_encoder.half().eval(), vae.half(), args.out)
    print(f"{size / 1e6:.2f} MB written to {args.out}")


if __name__ == "__main__":
    main()
