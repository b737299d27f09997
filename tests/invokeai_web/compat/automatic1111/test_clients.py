"""The requests of known clients, as their public sources send them, made with the library that most of them use."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from invokeai_web.server import Server
from tests.invokeai_web.conftest import TOKEN

SIZE = (64, 32)


@pytest.fixture
def sd(address: str) -> Iterator[requests.Session]:
    """Yield a session that sends the token as the password of Basic, like clients with a field for user:password."""
    with requests.Session() as session:
        session.auth = ("anyone", TOKEN)
        session.base = f"{address}/sdapi/v1"  # type: ignore[attr-defined]
        yield session


def get(sd: requests.Session, name: str, **query: str) -> Any:
    """Return the JSON data of a GET request."""
    answer = sd.get(f"{sd.base}/{name}", params=query, timeout=60)  # type: ignore[attr-defined]
    answer.raise_for_status()
    return answer.json()


def post(sd: requests.Session, name: str, body: dict[str, Any], status: int = 200) -> Any:
    """Return the JSON data of a POST request with this status."""
    answer = sd.post(f"{sd.base}/{name}", json=body, timeout=60)  # type: ignore[attr-defined]
    assert answer.status_code == status, answer.text
    return answer.json()


def opened(image: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(image)))


def encoded(color: tuple[int, ...], head: str = "") -> str:
    """Return an image of one color as base64."""
    out = io.BytesIO()
    Image.new("RGB", SIZE, color).save(out, "PNG")
    return head + base64.b64encode(out.getvalue()).decode()


def test_sillytavern_lists_everything_chooses_a_model_and_generates(sd: requests.Session) -> None:
    assert "forge_preset" not in get(sd, "options")  # how it tells Forge from AUTOMATIC1111
    assert [row["name"] for row in get(sd, "upscalers")] == ["None", "Lanczos"]
    assert get(sd, "latent-upscale-modes") == []
    assert get(sd, "sd-vae") == []
    assert {"Euler a", "DDIM"} >= {row["name"] for row in get(sd, "samplers")}
    assert [row["name"] for row in get(sd, "schedulers")] == ["automatic", "karras"]
    (title,) = [row["title"] for row in get(sd, "sd-models")]
    assert post(sd, "options", {"sd_model_checkpoint": title}) == {}
    waiting = get(sd, "progress")
    assert (waiting["progress"], waiting["state"]["job_count"]) == (0.0, 0)  # it polls until both are zero
    answer = post(
        sd, "txt2img",
        {
            "prompt": "a ((red)) fox", "negative_prompt": "fur", "sampler_name": "Euler a", "scheduler": "automatic",
            "steps": 2, "cfg_scale": 7, "width": 64, "height": 32, "restore_faces": False, "enable_hr": False,
            "hr_upscaler": "Latent", "hr_scale": 2, "denoising_strength": 0.7, "hr_second_pass_steps": 0, "seed": 7,
            "override_settings": {"CLIP_stop_at_last_layers": 1, "sd_vae": "Automatic"},
            "override_settings_restore_afterwards": True, "clip_skip": 1, "save_images": True, "send_images": True,
            "do_not_save_grid": False, "do_not_save_samples": False,
        },
    )  # fmt: skip
    (image,) = answer["images"]
    assert (opened(image).size, opened(image).getpixel((0, 0))) == (SIZE, (7, 2, 30))
    info = json.loads(answer["info"])
    assert (info["seed"], info["steps"], info["sampler_name"], info["cfg_scale"]) == (7, 2, "Euler a", 7)
    assert info["prompt"] == "a ((red)) fox"
    assert info["infotexts"] == [opened(image).info["parameters"]]
    assert info["extra_generation_params"] == {"Notes": "the setting `sd_vae` has no effect"}


def test_open_webui_sends_back_all_options_with_another_model_and_asks_for_a_batch(sd: requests.Session) -> None:
    options = get(sd, "options")
    post(sd, "options", {**options, "sd_model_checkpoint": "default"})
    answer = post(sd, "txt2img", {"prompt": "a fox", "batch_size": 2, "width": 64, "height": 32, "steps": 2})
    seeds = json.loads(answer["info"])["all_seeds"]
    assert seeds[1] == seeds[0] + 1
    assert [opened(image).getpixel((0, 0))[0] for image in answer["images"]] == [seed % 256 for seed in seeds]


def test_the_blender_add_on_ai_render_sends_data_urls_and_upscales(address: str) -> None:
    url = address.replace("http://", f"http://:{TOKEN}@")  # it has no field for a token: the URL carries it
    headers = {"User-Agent": "Blender/4.1", "Accept": "*/*", "Accept-Encoding": "gzip, deflate, br"}
    body = {
        "prompt": "a fox", "negative_prompt": "", "width": 64, "height": 32, "image_similarity": 0.4, "seed": 7,
        "cfg_scale": 7, "steps": 2, "sampler": "Euler a", "denoising_strength": 0.6, "sampler_index": "Euler a",
        "init_images": [encoded((9, 9, 9), "data:image/png;base64,")],
    }  # fmt: skip
    answer = requests.post(f"{url}/sdapi/v1/img2img", json=body, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    assert opened(answer.json()["images"][0].replace("data:image/png;base64,", "")).size == SIZE
    names = requests.get(f"{url}/sdapi/v1/upscalers", headers={"Accept": "application/json"}, timeout=60).json()
    larger = {"resize_mode": 0, "upscaling_resize": 2, "upscaler_1": names[1]["name"], "image": encoded((9, 9, 9))}
    answer = requests.post(f"{url}/sdapi/v1/extra-single-image", json=larger, headers=headers, timeout=60)
    assert opened(answer.json()["image"]).size == (128, 64)


def test_inpainting_changes_the_white_area_of_the_mask(sd: requests.Session) -> None:
    mask = Image.new("L", SIZE)
    mask.paste(255, (0, 0, 32, 32))
    out = io.BytesIO()
    mask.save(out, "PNG")
    body = {
        "prompt": "a fox", "init_images": [encoded((9, 9, 9))], "mask": base64.b64encode(out.getvalue()).decode(),
        "denoising_strength": 1, "width": 64, "height": 32, "seed": 5, "steps": 2, "inpainting_fill": 1,
    }  # fmt: skip
    image = opened(post(sd, "img2img", body)["images"][0])
    assert image.getpixel((60, 16)) == (9, 9, 9)
    assert image.getpixel((4, 16)) != (9, 9, 9)


def test_png_info_returns_what_a_generated_image_records(sd: requests.Session) -> None:
    body = {"prompt": "a fox", "negative_prompt": "fur", "seed": 7, "steps": 2, "width": 64, "height": 32}
    (image,) = post(sd, "txt2img", body)["images"]
    found = post(sd, "png-info", {"image": f"data:image/png;base64,{image}"})
    assert found["info"] == opened(image).info["parameters"]
    parameters = found["parameters"]
    assert (parameters["Prompt"], parameters["Negative prompt"], parameters["Steps"]) == ("a fox", "fur", "2")
    assert post(sd, "png-info", {"image": encoded((1, 2, 3))}) == {"info": "", "items": {}, "parameters": {}}


def test_a_prompt_that_looks_like_a_line_stays_one_prompt(sd: requests.Session, compat_server: Server) -> None:
    prompt = 'a | save x.png" --model y'
    post(sd, "txt2img", {"prompt": prompt, "seed": 1, "steps": 2, "width": 64, "height": 32})
    (session,) = compat_server.invoker.sessions()
    nodes = compat_server.invoker.open(session.id).graph.nodes.values()
    assert [node.inputs["text"] for node in nodes if node.type == "prompt"] == [prompt]
    assert "save" not in {node.type for node in nodes}


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"script_name": "X/Y/Z plot"}, 422, "this server has no scripts, so `X/Y/Z plot` cannot run"),
        ({"alwayson_scripts": {"controlnet": {"args": [{"model": "x"}]}}}, 422,
         "this server has no scripts, so `controlnet` cannot run"),
        ({"sampler_name": "Magic"}, 404, "Sampler not found"),
        ({"override_settings": {"sd_model_checkpoint": "sd99"}}, 422, "there is no model `sd99`"),
        ({"steps": 0}, 422, "`steps`: Input should be greater than or equal to 1"),
        ({"batch_size": 99}, 422, "`batch_size`: Input should be less than or equal to 16"),
        ({"steps": 13}, 503, "the device has no memory left"),
    ],
    ids=["a script", "ControlNet", "an unknown sampler", "an unknown model", "no steps", "too many images",
         "a node that fails"],
)  # fmt: skip
def test_refusals_have_the_form_that_clients_read(
    sd: requests.Session, body: dict[str, Any], status: int, detail: str
) -> None:
    answer = post(sd, "txt2img", {"prompt": "a", "width": 64, "height": 32, **body}, status)
    assert detail in answer["detail"]
    assert set(answer) == {"error", "detail", "body", "errors"}


@pytest.mark.parametrize(
    "image", ["https://example.org/a.png", "???", "bm90IGFuIGltYWdl"], ids=["a URL", "no base64", "no image"]
)
def test_an_image_that_cannot_be_read_is_refused(sd: requests.Session, image: str) -> None:
    for name, body in (
        ("img2img", {"init_images": [image]}),
        ("extra-single-image", {"image": image}),
        ("png-info", {"image": image}),
    ):
        post(sd, name, body, 422)


def test_an_unknown_model_cannot_be_chosen(sd: requests.Session) -> None:
    assert post(sd, "options", {"sd_model_checkpoint": "sd99"}, 422)["detail"] == "there is no model `sd99`"
    assert get(sd, "options")["sd_model_checkpoint"] == "default"


def test_a_wrong_password_is_refused(address: str) -> None:
    answer = requests.get(f"{address}/sdapi/v1/options", auth=("anyone", "wrong"), timeout=60)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="invokeai"')
