"""Folder trees of other programs are scanned in place, within limits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.models import scan as scan_module
from core.models.scan import scan


def tree(root: Path, *files: str) -> Path:
    """Write empty files in a folder tree."""
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return root


def listed(root: Path) -> list[tuple[str, str, str]]:
    """Return the path, the name and the hint of each candidate."""
    return [(one.path.relative_to(root).as_posix(), one.name, one.hint) for one in scan(root).candidates]


def test_a_folder_of_automatic1111_is_scanned(tmp_path: Path) -> None:
    root = tree(
        tmp_path / "webui",
        "models/Stable-diffusion/fox.safetensors",
        "models/Stable-diffusion/fox.yaml",
        "models/Stable-diffusion/fox.preview.png",
        "models/Stable-diffusion/sdxl/bear.ckpt",
        "models/Lora/ink.safetensors",
        "models/Lora/ink.civitai.info",
        "models/VAE/clear.vae.pt",
        "models/ESRGAN/4x.pth",
        "embeddings/EasyNegative.pt",
        "outputs/txt2img/old.safetensors",
        "venv/lib/some.bin",
        "models/Stable-diffusion/Put Stable Diffusion checkpoints here.txt",
    )
    assert listed(root) == [
        ("embeddings/EasyNegative.pt", "EasyNegative", "embedding"),
        ("models/ESRGAN/4x.pth", "4x", "upscaler"),
        ("models/Lora/ink.safetensors", "ink", "lora"),
        ("models/Stable-diffusion/fox.safetensors", "fox", "model"),
        ("models/Stable-diffusion/sdxl/bear.ckpt", "bear", "model"),
        ("models/VAE/clear.vae.pt", "clear.vae", "vae"),
    ]


def test_a_folder_of_comfyui_is_scanned(tmp_path: Path) -> None:
    root = tree(
        tmp_path / "ComfyUI",
        "models/checkpoints/fox.safetensors",
        "models/diffusion_models/flux.gguf",
        "models/text_encoders/t5xxl_fp8.safetensors",
        "models/clip_vision/h.safetensors",
        "models/diffusers/kandinsky/model_index.json",
        "models/diffusers/kandinsky/unet/diffusion_pytorch_model.safetensors",
        "models/upscale_models/2x.onnx",
    )
    assert listed(root) == [
        ("models/checkpoints/fox.safetensors", "fox", "model"),
        ("models/clip_vision/h.safetensors", "h", "image-encoder"),
        ("models/diffusers/kandinsky", "kandinsky", "model"),
        ("models/diffusion_models/flux.gguf", "flux", "model"),
        ("models/text_encoders/t5xxl_fp8.safetensors", "t5xxl_fp8", "text-encoder"),
        ("models/upscale_models/2x.onnx", "2x", "upscaler"),
    ]


def test_folders_of_invokeai_and_of_peft_are_one_model_each(tmp_path: Path) -> None:
    root = tree(
        tmp_path / "invokeai",
        "models/0a1b/ip_adapter.bin",
        "models/0a1b/image_encoder.txt",
        "models/2c3d/config.json",
        "models/2c3d/diffusion_pytorch_model.fp16.safetensors",
        "models/fox-lora/pytorch_lora_weights.safetensors",
        "models/peft/adapter_config.json",
        "models/peft/adapter_model.safetensors",
        "models/peft/optimizer.pt",
        "models/run/optimizer.bin",
        "models/sharded/model.safetensors.index.json",
        "models/sharded/model-00001-of-00002.safetensors",
    )
    assert [(path, name) for path, name, _ in listed(root)] == [
        ("models/0a1b", "0a1b"),
        ("models/2c3d", "2c3d"),
        ("models/fox-lora/pytorch_lora_weights.safetensors", "fox-lora"),
        ("models/peft", "peft"),
        ("models/sharded", "sharded"),
    ]


def test_the_cache_of_the_hub_is_scanned_under_the_names_of_the_hub(tmp_path: Path) -> None:
    root = tree(
        tmp_path / "hub",
        "models--org--fox/blobs/abc.safetensors",
        "models--org--fox/refs/main",
        "models--org--fox/snapshots/0a1b/model_index.json",
        "models--me--ink/snapshots/2c3d/ink.safetensors",
    )
    assert [(path, name) for path, name, _ in listed(root)] == [
        ("models--me--ink/snapshots/2c3d/ink.safetensors", "me/ink"),
        ("models--org--fox/snapshots/0a1b", "org/fox"),
    ]


def test_a_model_folder_that_is_scanned_itself_is_one_model(tmp_path: Path) -> None:
    root = tree(tmp_path / "fox", "model_index.json", "unet/diffusion_pytorch_model.safetensors", "unet/config.json")
    assert [(one.path, one.name, one.is_folder) for one in scan(root).candidates] == [(root, "fox", True)]


def test_a_folder_with_settings_and_files_of_several_models_is_not_one_model(tmp_path: Path) -> None:
    root = tree(tmp_path / "loras", "styles/config.json", "styles/model.safetensors", "styles/ink.safetensors")
    assert [path for path, _, _ in listed(root)] == ["styles/ink.safetensors", "styles/model.safetensors"]


def test_links_are_followed_once_and_circles_end(tmp_path: Path) -> None:
    root = tree(tmp_path / "models", "real/fox.safetensors")
    tree(tmp_path / "elsewhere", "bear.safetensors")
    (root / "circle").symlink_to(root)
    (root / "again").symlink_to(root / "real")
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "dangling.safetensors").symlink_to(tmp_path / "none")
    files = ["dangling.safetensors", "linked/bear.safetensors", "real/fox.safetensors"]
    assert [path for path, _, _ in listed(root)] == files


def test_depth_and_number_of_entries_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tree(tmp_path / "deep", "/".join("abcdef") + "/in.safetensors", "/".join("abcdefg") + "/out.safetensors")
    assert [name for _, name, _ in listed(deep)] == ["in"]
    assert (scan(deep).complete, scan(deep).is_cut) == (False, False)
    wide = tree(tmp_path / "wide", *[f"{n}.safetensors" for n in range(9)])
    assert (scan(wide).complete, scan(wide).is_cut) == (True, False)
    monkeypatch.setattr(scan_module, "MAX_ENTRIES", 8)
    assert (scan(wide).complete, scan(wide).is_cut) == (False, True)


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(tmp_path / "models", "open/fox.safetensors", "closed/bear.safetensors")
    real = os.scandir

    def refuse(folder: Path) -> Iterator[os.DirEntry[str]]:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(scan_module.os, "scandir", refuse)
    found = scan(root)
    assert [one.name for one in found.candidates] == ["fox"]
    assert found.unreadable == [(root / "closed", "Permission denied")]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert scan(tmp_path / "none").unreadable == [(tmp_path / "none", "No such file or directory")]
