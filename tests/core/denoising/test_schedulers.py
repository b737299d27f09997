"""The table of schedulers."""

from __future__ import annotations

import pytest

from core.denoising.schedulers import SCHEDULERS, check_scheduler
from core.errors import UnknownScheduler


def test_the_error_for_an_unknown_scheduler_lists_the_known_ones() -> None:
    with pytest.raises(UnknownScheduler) as caught:
        check_scheduler("dpmpp_2n")
    assert str(caught.value) == "there is no scheduler `dpmpp_2n`"
    assert "dpmpp_2m" in caught.value.candidates


def test_the_table_contains_the_common_schedulers() -> None:
    usual = (
        "ddim ddpm euler euler_k euler_a heun lms dpmpp_2m dpmpp_2m_k dpmpp_2m_sde dpmpp_sde unipc lcm tcd deis pndm"
    )
    assert set(usual.split()) <= set(SCHEDULERS)
    assert len(SCHEDULERS) >= 30
