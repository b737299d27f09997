"""LoRA and ControlNet files: both layouts hold the same weights, under the names that other tools read."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import ControlNetModel
from safetensors import safe_open

from training import controlnet, lora
from training.parts import new_unet


def test_a_unet_with_lora_layers_predicts_the_same_noise_as_a_unet_with_the_lora_file_fused_in(tmp_path: Path) -> None:
    torch.manual_seed(0)
    wide = new_unet().eval()
    plain = new_unet().eval()
    plain.load_state_dict(wide.state_dict())
    made = lora.widen(wide)
    for layer in made.values():
        layer.up.load_state_dict({"weight": torch.randn_like(layer.up.state_dict()["weight"]) * 0.02})
    files = lora.write(made, tmp_path)
    noisy, states = torch.randn(1, 4, 16, 16), torch.randn(1, 7, 128)
    with torch.no_grad():
        asked = wide(noisy, 500, states).sample
        for file in files:
            fused = new_unet().eval()
            fused.load_state_dict(plain.state_dict())
            lora.fuse(fused, file)
            assert torch.allclose(fused(noisy, 500, states).sample, asked, atol=2e-2)
        assert not torch.allclose(plain(noisy, 500, states).sample, asked, atol=2e-2)


def test_an_untrained_controlnet_changes_nothing_and_is_written_in_both_layouts(tmp_path: Path) -> None:
    unet = new_unet().eval()
    net = controlnet.new_controlnet(unet).eval()
    noisy, states, hint = torch.randn(1, 4, 16, 16), torch.randn(1, 7, 128), torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        down, middle = net(noisy, 500, states, hint, return_dict=False)
        plain = unet(noisy, 500, states).sample
        more = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
        assert torch.equal(unet(noisy, 500, states, **more).sample, plain)
    ours, theirs = controlnet.write(net, tmp_path)
    assert ours.stat().st_size < 3_000_000
    with safe_open(str(theirs), framework="pt") as file:
        names = set(file.keys())
    assert len(names) == len(ControlNetModel.from_pretrained(str(tmp_path)).state_dict())
    wanted = {"input_blocks.0.0.weight", "zero_convs.5.0.weight", "middle_block_out.0.bias", "time_embed.2.bias"}
    wanted |= {"input_hint_block.0.weight", "input_blocks.1.0.in_layers.2.weight"}
    assert {f"control_model.{name}" for name in wanted} <= names


def test_the_stored_lora_is_small_and_equal_in_both_layouts() -> None:
    torch.manual_seed(0)
    first, second = new_unet(), new_unet()
    plain = {name: weight.clone() for name, weight in first.state_dict().items()}
    second.load_state_dict(plain)
    files = [lora.FOLDER / name for name in (lora.DIFFUSERS, lora.OTHERS)]
    assert all(file.stat().st_size < 3_000_000 for file in files)
    assert lora.fuse(first, files[0]) == lora.fuse(second, files[1]) == len(lora.targets(first))
    changed = [name for name, weight in first.state_dict().items() if not torch.equal(weight, plain[name])]
    assert len(changed) == len(lora.targets(first))
    assert all(torch.allclose(second.state_dict()[name], first.state_dict()[name], atol=1e-6) for name in changed)


def test_the_stored_controlnet_is_small_can_be_loaded_and_has_an_effect() -> None:
    net = ControlNetModel.from_pretrained(str(controlnet.FOLDER)).float().eval()
    files = list(controlnet.FOLDER.glob("*.safetensors"))
    assert len(files) == 2
    assert all(file.stat().st_size < 3_000_000 for file in files)
    with torch.no_grad():
        noisy, states, hint = torch.randn(1, 4, 24, 24), torch.randn(1, 7, 128), torch.rand(1, 3, 96, 96)
        down, middle = net(noisy, 500, states, hint, return_dict=False)
    assert all(float(part.abs().max()) > 0.01 for part in (*down, middle))
