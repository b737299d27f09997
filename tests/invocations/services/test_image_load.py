"""Images loaded from files, patterns, standard input and URLs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from invocations.services.errors import ServiceError
from invocations.services.images.local import LocalImages
from invocations.services.images.sources import natural
from tests.invocations.refusals import coded

Maker = Callable[..., Image.Image]


def png(image: Image.Image) -> bytes:
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def test_a_loaded_image_records_the_absolute_path_of_its_file(
    images: LocalImages, picture: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture().save(tmp_path / "fox.png")
    monkeypatch.chdir(tmp_path)
    (ref,) = images.load("fox.png")
    assert (ref.path, ref.width, ref.height) == (str(tmp_path / "fox.png"), 12, 8)
    assert images.get(ref).tobytes() == picture().tobytes()


def test_a_tilde_stands_for_the_home_folder(
    images: LocalImages, picture: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    picture().save(tmp_path / "fox.png")
    assert images.load("~/fox.png")[0].path == str(tmp_path / "fox.png")


def test_files_that_match_a_pattern_are_loaded_in_natural_order(
    images: LocalImages, picture: Maker, tmp_path: Path
) -> None:
    for name in ("a10.png", "a2.png", "a1.png", "b.png"):
        picture(seed=len(name)).save(tmp_path / name)
    (tmp_path / "a3.png").mkdir()
    found = [Path(str(ref.path)).name for ref in images.load(str(tmp_path / "a*.png"))]
    assert found == ["a1.png", "a2.png", "a10.png"]


def test_a_pattern_may_search_all_subfolders(images: LocalImages, picture: Maker, tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    picture().save(tmp_path / "deep" / "er" / "a.png")
    assert len(images.load(f"{tmp_path}/**/*.png")) == 1


@pytest.mark.parametrize("folder", ["d[1]", "d[1]/e*", "[ab]"])
def test_the_folder_of_a_pattern_may_have_brackets_in_its_name(
    images: LocalImages, tmp_path: Path, picture: Maker, folder: str
) -> None:
    """The path of an existing folder is taken literally; only the part after it is a pattern."""
    for name in (f"{folder}/x1.png", f"{folder}/y1.png", "d1/x2.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        picture().save(tmp_path / name)
    found = [str(ref.path) for ref in images.load(str(tmp_path / folder / "[xy]*.png"))]
    assert found == [str(tmp_path / folder / "x1.png"), str(tmp_path / folder / "y1.png")]


def test_an_existing_name_with_brackets_is_not_a_pattern(images: LocalImages, picture: Maker, tmp_path: Path) -> None:
    picture().save(tmp_path / "a[1].png")
    assert images.load(str(tmp_path / "a[1].png"))[0].path == str(tmp_path / "a[1].png")


@pytest.mark.parametrize(
    ("texts", "ordered"),
    [
        (["b", "a10", "A2"], ["A2", "a10", "b"]),
        (["1", "a", "01b", "10"], ["1", "01b", "10", "a"]),
        (["x²", "x1"], ["x1", "x²"]),
    ],
)
def test_natural_order_compares_numbers(texts: list[str], ordered: list[str]) -> None:
    assert sorted(texts, key=natural) == ordered


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("fx.png", "no file matches `{}/fx.png`", "did you mean `{}/fox.png`?"),
        ("zzzzzzzz", "no file matches `{}/zzzzzzzz`", ""),
        ("*.gif", "no file matches `{}/*.gif`", ""),
        ("nowhere/a.png", "no file matches `{}/nowhere/a.png`", ""),
        ("fox.png/a.png", "no file matches `{}/fox.png/a.png`", ""),
        ("a\0b", "no file matches `{}/a\0b`", ""),
    ],
)
def test_a_missing_file_is_refused_with_a_suggestion(
    source: str, message: str, hint: str, images: LocalImages, picture: Maker, tmp_path: Path
) -> None:
    picture().save(tmp_path / "fox.png")
    with pytest.raises(ServiceError, check=coded("nothing_matches")) as refused:
        images.load(f"{tmp_path}/{source}")
    assert (str(refused.value), refused.value.hint) == (message.format(tmp_path), hint.format(tmp_path))


def test_a_folder_is_refused_and_a_pattern_is_suggested(images: LocalImages, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="it is a folder", check=coded("image_unreadable")) as refused:
        images.load(f"{tmp_path}/")
    assert refused.value.hint == f"try `{tmp_path}/*.png`"


def test_a_text_file_with_the_suffix_png_is_refused(images: LocalImages, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("Dear diary")
    with pytest.raises(ServiceError, check=coded("image_unreadable")) as refused:
        images.load(str(tmp_path / "a.png"))
    assert str(refused.value) == (
        f"`{tmp_path}/a.png` cannot be read as an image: its format is not one of PNG, JPEG, WEBP, TIFF, BMP, GIF"
    )


def test_a_truncated_image_is_refused(images: LocalImages, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(Image.effect_noise((64, 64), 90))[:1000])
    with pytest.raises(ServiceError, match="the file is truncated", check=coded("image_unreadable")):
        images.load(str(tmp_path / "a.png"))


def test_an_image_with_too_many_pixels_is_refused(tmp_path: Path, picture: Maker) -> None:
    picture().save(tmp_path / "a.png")
    with pytest.raises(ServiceError, check=coded("image_too_large")) as refused:
        LocalImages(tmp_path / "store", tmp_path / "out", max_pixels=95).load(str(tmp_path / "a.png"))
    assert {**refused.value.fields, "source": ""} == {"source": "", "width": 12, "height": 8, "limit": 95}


def test_one_unreadable_file_makes_loading_a_pattern_fail(images: LocalImages, picture: Maker, tmp_path: Path) -> None:
    picture().save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no")
    with pytest.raises(ServiceError, match=r"b\.png", check=coded("image_unreadable")):
        images.load(str(tmp_path / "*.png"))


@pytest.mark.parametrize("sent", [True, False])
def test_a_dash_as_the_source_means_standard_input(sent: bool, tmp_path: Path, picture: Maker) -> None:
    service = LocalImages(tmp_path / "store", tmp_path / "out", stdin=lambda: BytesIO(png(picture()) if sent else b""))
    if not sent:
        with pytest.raises(
            ServiceError,
            match="`standard input` cannot be read as an image: it is empty",
            check=coded("image_unreadable"),
        ):
            service.load("-")
        return
    (ref,) = service.load("-")
    assert ref.path is None
    assert service.get(ref).tobytes() == picture().tobytes()
    service.close()


def test_an_image_is_not_read_from_a_terminal(tmp_path: Path) -> None:
    class Terminal(BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(ServiceError, match="it is a terminal", check=coded("image_unreadable")):
        LocalImages(tmp_path / "store", tmp_path / "out", stdin=Terminal).load("-")


def test_107_an_image_of_any_mode_is_loaded_upright_in_one_of_the_five_supported_modes(
    images: LocalImages, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("CMYK", (8, 4), (0, 255, 255, 0)).save(tmp_path / "a.jpg", exif=exif)
    (ref,) = images.load(str(tmp_path / "a.jpg"))
    assert (ref.width, ref.height, images.get(ref).mode) == (4, 8, "RGB")


class Server(BaseHTTPRequestHandler):
    """Responds with an image, plain text, a redirect to a local file or an error."""

    def do_GET(self) -> None:
        if self.path == "/file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(png(Image.new("L", (5, 4))) if self.path == "/a.png" else b"some text")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_url_is_only_downloaded_if_allowed(images: LocalImages, address: str) -> None:
    with pytest.raises(ServiceError, check=coded("url_refused")) as refused:
        images.load(f"{address}/a.png")
    assert refused.value.hint == "add `--allow-url` to download the image"
    (ref,) = images.load(f"{address}/a.png", allow_url=True)
    assert (ref.width, ref.height, ref.path) == (5, 4, None)


@pytest.mark.parametrize("path", ["/missing", "/text", "/file"])
def test_a_url_without_an_image_is_refused(path: str, images: LocalImages, address: str) -> None:
    with pytest.raises(ServiceError, check=coded("image_unreadable")):
        images.load(address + path, allow_url=True)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/a.png", "data://x", "s3://b/x.png"])
def test_only_http_and_https_urls_are_accepted(url: str, images: LocalImages) -> None:
    with pytest.raises(ServiceError, check=coded("url_refused")) as refused:
        images.load(url, allow_url=True)
    assert refused.value.hint == "only http and https URLs can be downloaded"
    with pytest.raises(ServiceError, check=coded("url_refused")) as refused:
        images.load(url)
    assert refused.value.hint == "only http and https URLs can be downloaded"


def test_a_malformed_url_is_refused(images: LocalImages) -> None:
    with pytest.raises(ServiceError, check=coded("image_unreadable")):
        images.load("http://127.0.0.1:1/a.png", allow_url=True)
    with pytest.raises(ServiceError, check=coded("image_unreadable")):
        images.load("http://[/a.png", allow_url=True)


@pytest.mark.parametrize(
    "source", ["", "~nobody-of-this-name/fox.png", "~nobody-of-this-name/*.png", "a" * 300, "a" * 300 + "*"]
)
def test_an_impossible_path_matches_no_file(images: LocalImages, source: str) -> None:
    with pytest.raises(ServiceError, check=coded("nothing_matches")):
        images.load(source)
