"""The guard accepts only its own names and pages of its own."""

from __future__ import annotations

import pytest

from invokeai_web.guard.hosts import Hosts, split_host
from invokeai_web.problem_details import ApiProblem

SPLIT = {
    "example.org": ("example.org", 0),
    "example.org:80": ("example.org", 80),
    "[::1]": ("::1", 0),
    "[::1]:9090": ("::1", 9090),
    "::1": ("", 0),
    "a:b:c": ("", 0),
    "a:": ("", 0),
    "a:-1": ("", 0),
    "a:999999": ("", 0),
    "": ("", 0),
}


@pytest.mark.parametrize(("host", "expected"), SPLIT.items(), ids=SPLIT.keys())
def test_a_host_is_split_into_name_and_port(host: str, expected: tuple[str, int]) -> None:
    assert split_host(host) == expected


def why(
    headers: dict[str, str],
    *,
    names: tuple[str, ...] = (),
    server: tuple[str, int] | None = ("127.0.0.1", 9090),
    scheme: str = "http",
    is_navigation: bool = False,
) -> str:
    """Return the code of the refusal of a request, or ""."""
    try:
        Hosts(names).check({"server": server, "scheme": scheme}, headers, is_navigation=is_navigation)
    except ApiProblem as problem:
        return problem.code
    return ""


ACCEPTED = ["127.0.0.1:9090", "localhost:9090", "LOCALHOST:9090", "[::1]:9090"]
REFUSED = ["", "evil.example", "evil.example:9090", "127.0.0.1:80", "127.0.0.1", "localhost.evil.example:9090",
           "192.168.0.9:9090", "127.0.0.1:9090@evil.example", "0:9090", "2130706433:9090",
           "[::ffff:127.0.0.1]:9090"]  # fmt: skip


@pytest.mark.parametrize("host", ACCEPTED)
def test_loopback_with_the_servers_port_is_accepted(host: str) -> None:
    assert why({"host": host}) == ""


@pytest.mark.parametrize("host", REFUSED)
def test_another_host_is_refused(host: str) -> None:
    assert why({"host": host}) == "wrong_host"


def test_a_request_without_a_host_is_refused() -> None:
    assert why({}) == "wrong_host"


def test_the_default_port_may_be_left_out() -> None:
    assert why({"host": "localhost"}, server=("127.0.0.1", 80)) == ""
    assert why({"host": "localhost"}, server=("127.0.0.1", 443), scheme="https") == ""
    assert why({"host": "localhost"}, server=("127.0.0.1", 443)) == "wrong_host"


def test_the_address_of_the_connection_is_accepted_but_no_other_address() -> None:
    assert why({"host": "192.168.0.9:9090"}, server=("192.168.0.9", 9090)) == ""
    assert why({"host": "192.168.0.8:9090"}, server=("192.168.0.9", 9090)) == "wrong_host"
    assert why({"host": "box.lan:9090"}, server=("192.168.0.9", 9090)) == "wrong_host"


def test_a_host_name_without_a_port_is_accepted_with_any_port_and_one_with_a_port_only_with_it() -> None:
    names = ("Images.example", "other.example:8443")
    for host in ("images.example", "images.example:1", "other.example:8443"):
        assert why({"host": host}, names=names) == ""
    assert why({"host": "other.example"}, names=names) == "wrong_host"
    assert why({"host": "a.images.example"}, names=names) == "wrong_host"


ORIGINS = {
    "the server's own": ("http://127.0.0.1:9090", ""),
    "null": ("null", "wrong_origin"),
    "another site": ("https://evil.example", "wrong_origin"),
    "another port": ("http://127.0.0.1:3000", "wrong_origin"),
    "another scheme": ("https://127.0.0.1:9090", "wrong_origin"),
    "another loopback name": ("http://localhost:9090", "wrong_origin"),
    "empty": ("", "wrong_origin"),
}


@pytest.mark.parametrize(("origin", "code"), ORIGINS.values(), ids=ORIGINS.keys())
def test_an_origin_must_be_the_server_itself(origin: str, code: str) -> None:
    assert why({"host": "127.0.0.1:9090", "origin": origin}) == code
    assert why({"host": "127.0.0.1:9090", "origin": origin}, scheme="ws") == code


def test_a_request_from_another_port_of_this_machine_is_refused_although_it_is_the_same_site() -> None:
    sites = ("same-origin", "none", "same-site", "cross-site", "anything")
    found = [why({"host": "localhost:9090", "sec-fetch-site": site}) for site in sites]
    assert found == ["", "", "wrong_origin", "wrong_origin", "wrong_origin"]


def test_a_link_on_another_site_may_open_a_static_page() -> None:
    assert why({"host": "localhost:9090", "sec-fetch-site": "cross-site"}, is_navigation=True) == ""


def test_the_refusals_say_what_to_do() -> None:
    with pytest.raises(ApiProblem) as found:
        Hosts().check({"server": ("127.0.0.1", 9090), "scheme": "http"}, {"host": "box.lan"}, is_navigation=False)
    assert (found.value.message, found.value.hint) == (
        "the server does not have the name `box.lan`", "to allow it, start the server with `--host-name box.lan`",
    )  # fmt: skip
    with pytest.raises(ApiProblem) as found:
        Hosts().check(
            {"server": ("127.0.0.1", 9090), "scheme": "http"},
            {"host": "127.0.0.1:9090", "origin": "null"},
            is_navigation=False,
        )
    assert (found.value.message, found.value.hint) == (
        "a page of `null` cannot use the server",
        "pages of other sites cannot use the server; behind a proxy, start it with `--trusted-proxy ADDRESS`",
    )
