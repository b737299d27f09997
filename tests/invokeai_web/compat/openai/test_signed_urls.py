"""Signed URLs: valid for an hour, for one image, with one token."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from invokeai_web.compat.openai.signed_urls import VALID_S, is_signed, signed_path

IMAGE, TOKEN, NOW = "ab" * 32, "secret", 1_800_000_000.5


def parts() -> tuple[str, str]:
    """Return the expiry and the signature of a URL."""
    query = parse_qs(urlsplit(signed_path(TOKEN, IMAGE, NOW)).query)
    return query["expires"][0], query["signature"][0]


def test_a_url_is_valid_for_an_hour() -> None:
    expires, signature = parts()
    assert signed_path(TOKEN, IMAGE, NOW).startswith(f"/v1/images/files/{IMAGE}.png?expires=")
    assert is_signed(TOKEN, IMAGE, expires, signature, NOW)
    assert is_signed(TOKEN, IMAGE, expires, signature, NOW + VALID_S - 1)
    assert not is_signed(TOKEN, IMAGE, expires, signature, NOW + VALID_S + 1)


@pytest.mark.parametrize(
    ("token", "image", "expires", "signature"),
    [
        ("other", IMAGE, None, None),
        (TOKEN, "cd" * 32, None, None),
        (TOKEN, IMAGE, "1900000000", None),
        (TOKEN, IMAGE, None, "0" * 64),
        (TOKEN, IMAGE, None, ""),
        (TOKEN, IMAGE, "", None),
        (TOKEN, IMAGE, "1e12", None),
        (TOKEN, IMAGE, "9" * 400, None),
        (TOKEN, IMAGE, "٣", None),
    ],
    ids=["another token", "another image", "a later expiry", "a wrong signature", "no signature", "no expiry",
         "an expiry that is no number", "a huge expiry", "a digit of another script"],
)  # fmt: skip
def test_a_changed_url_is_refused(token: str, image: str, expires: str | None, signature: str | None) -> None:
    good = parts()
    given = (good[0] if expires is None else expires, good[1] if signature is None else signature)
    assert not is_signed(token, image, *given, NOW)
