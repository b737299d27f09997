"""How many requests and wrong tokens a client may send."""

from __future__ import annotations

from invokeai_web.guard.rates import MOST_CLIENTS, RequestRate, WrongTokens


def test_a_client_may_send_a_burst_and_then_a_number_per_second() -> None:
    now = [0.0]
    rate = RequestRate(per_second=2, burst=3, now=lambda: now[0])
    assert [rate.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert rate.wait("b") == 0
    now[0] = 0.5
    assert (rate.wait("a"), rate.wait("a")) == (0, 0.5)
    now[0] = 100
    assert [rate.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_cheap_request_counts_less_and_no_limit_is_possible() -> None:
    now = [0.0]
    rate = RequestRate(per_second=1, burst=1, now=lambda: now[0])
    assert [rate.wait("a", cost=0.25) > 0 for _ in range(5)] == [False] * 4 + [True]
    assert not any(RequestRate(per_second=0).wait("a") for _ in range(1000))


def test_after_ten_wrong_tokens_in_a_minute_a_peer_must_wait() -> None:
    now = [0.0]
    wrong = WrongTokens(now=lambda: now[0])
    for second in range(10):
        now[0] = second
        assert wrong.wait("a") == 0
    assert (wrong.wait("a"), wrong.wait("b")) == (51, 0)
    now[0] = 60.5
    assert (wrong.wait("a"), wrong.wait("a") > 0) == (0, True)


def test_the_memory_for_clients_is_bounded() -> None:
    rate, wrong = RequestRate(), WrongTokens()
    for number in range(MOST_CLIENTS + 50):
        rate.wait(str(number))
        wrong.wait(str(number))
    assert (len(rate._left), len(wrong._times)) == (MOST_CLIENTS, MOST_CLIENTS)
