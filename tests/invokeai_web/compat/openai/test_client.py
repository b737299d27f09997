"""The image API, used by the real `openai` client library."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import httpx
import openai
import pytest
from openai import OpenAI
from PIL import Image

from invokeai_web.server import Server
from tests.invokeai_web.conftest import TOKEN

SIZE = (64, 32)


@pytest.fixture
def ai(address: str) -> Iterator[OpenAI]:
    """Yield a client that does not try again by itself."""
    with OpenAI(api_key=TOKEN, base_url=f"{address}/v1", max_retries=0) as client:
        yield client


def png(color: tuple[int, ...], mode: str = "RGB") -> bytes:
    """Return an image file of one color."""
    out = io.BytesIO()
    Image.new(mode, SIZE, color).save(out, "PNG")
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_images_are_generated_as_urls_that_open_without_the_token(ai: OpenAI) -> None:
    answer = ai.images.generate(prompt="a fox", size="64x32", n=2, extra_body={"seed": 5, "steps": 2})
    images = [opened(httpx.get(each.url or "").raise_for_status().content) for each in answer.data or ()]
    assert [(image.size, image.getpixel((0, 0))) for image in images] == [(SIZE, (5, 2, 30)), (SIZE, (6, 2, 30))]
    forged = (answer.data or [])[0].url or ""
    assert httpx.get(forged[:-1] + ("0" if forged[-1] != "0" else "1")).status_code == 401


def test_an_image_is_returned_as_base64_with_its_parameters(ai: OpenAI) -> None:
    answer = ai.images.generate(
        prompt="a fox", size="64x32", response_format="b64_json", extra_body={"seed": 7, "negative_prompt": "fur"}
    )
    (image,) = answer.data or ()
    found = opened(base64.b64decode(image.b64_json or ""))
    assert found.info["parameters"].startswith("a fox\nNegative prompt: fur\nSteps: ")
    assert image.model_extra == {"seed": 7}


def test_an_image_is_edited_where_the_mask_is_transparent(ai: OpenAI) -> None:
    mask = Image.new("RGBA", SIZE, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 32, 32))
    out = io.BytesIO()
    mask.save(out, "PNG")
    answer = ai.images.edit(
        image=("house.png", png((9, 9, 9))), mask=("mask.png", out.getvalue()), prompt="a fox",
        response_format="b64_json", extra_body={"seed": 5, "steps": 2},
    )  # fmt: skip
    found = opened(base64.b64decode((answer.data or [])[0].b64_json or ""))
    assert found.size == SIZE
    assert found.getpixel((60, 16)) == (9, 9, 9)
    assert found.getpixel((4, 16)) != (9, 9, 9)


def test_without_a_mask_the_transparent_areas_of_the_image_change_or_else_all_of_it(ai: OpenAI) -> None:
    for image, kept in ((png((9, 9, 9, 0), "RGBA"), False), (png((9, 9, 9)), False)):
        answer = ai.images.edit(
            image=("a.png", image), prompt="a fox", response_format="b64_json", extra_body={"seed": "5", "steps": "2"}
        )
        found = opened(base64.b64decode((answer.data or [])[0].b64_json or ""))
        assert (found.convert("RGB").getpixel((4, 4)) == (9, 9, 9)) is kept


def test_the_models_are_listed(ai: OpenAI) -> None:
    assert [model.id for model in ai.models.list()] == ["default"]
    assert ai.models.retrieve("default").owned_by == "invokeai-cli"
    with pytest.raises(openai.NotFoundError, match="The model `gpt-9` does not exist"):
        ai.models.retrieve("gpt-9")


def test_a_prompt_that_looks_like_a_line_stays_one_prompt(ai: OpenAI, compat_server: Server) -> None:
    prompt = 'a | save x.png" --model y'
    ai.images.generate(prompt=prompt, size="64x32", extra_body={"seed": 1})
    (session,) = compat_server.invoker.sessions()
    nodes = compat_server.invoker.open(session.id).graph.nodes.values()
    assert [node.inputs["text"] for node in nodes if node.type == "prompt"] == [prompt]
    assert "save" not in {node.type for node in nodes}


def test_fields_without_effect_are_named_in_a_header(ai: OpenAI) -> None:
    raw = ai.images.with_raw_response.generate(
        prompt="a", model="dall-e-3", quality="hd", style="vivid", size="64x32", user="ann"
    )
    assert raw.headers["x-ignored-fields"] == "quality, style, user, model"


@pytest.mark.parametrize(
    ("fields", "message", "code", "param"),
    [
        ({"model": "sd99"}, "The model `sd99` does not exist", "model_not_found", "model"),
        ({"n": 99}, "Invalid value for 'n': Input should be less than or equal to 10", "invalid_value", "n"),
        ({"size": "huge"}, "Invalid value for 'size': ", "invalid_value", "size"),
        ({"stream": True}, "Images cannot be streamed", "unsupported_value", "stream"),
        ({"size": "9000x9000"}, "`width` must be 8 to 8192, not 9000; `height` must be ", "bad_value", None),
    ],
    ids=["an unknown model", "too many images", "a malformed size", "a stream", "a size that is too large"],
)
def test_refusals_have_the_form_that_the_client_reads(
    ai: OpenAI, fields: dict[str, object], message: str, code: str, param: str | None
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        ai.images.generate(**{"prompt": "a", "size": "64x32", **fields})  # type: ignore[call-overload]
    body = refused.value.body
    assert isinstance(body, dict)
    assert (str(body["message"]).startswith(message), body["code"], body["param"]) == (True, code, param)
    assert body["type"] == "invalid_request_error"


def test_a_wrong_key_is_an_authentication_error(address: str) -> None:
    with pytest.raises(openai.AuthenticationError):
        OpenAI(api_key="wrong", base_url=f"{address}/v1", max_retries=0).models.list()


def test_a_node_that_fails_is_a_server_error(ai: OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as failed:
        ai.images.generate(prompt="a", size="64x32", extra_body={"steps": 13})  # the scripted device has no memory left
    body = failed.value.body
    assert isinstance(body, dict)
    assert (body["code"], failed.value.status_code) == ("out_of_memory", 503)


def test_a_file_that_is_no_image_is_refused(ai: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        ai.images.edit(image=("a.png", b"nonsense"), prompt="a")
    with pytest.raises(openai.BadRequestError, match="Missing required file: 'image'"):
        ai.post("/images/edits", cast_to=object, body={"prompt": "a"}, files=[("other", b"x")],
                options={"headers": {"Content-Type": "multipart/form-data"}})  # fmt: skip
