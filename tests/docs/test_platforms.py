"""The page of platforms says what the adapters say, and what the payloads at hand really give."""

import os
from pathlib import Path

import pytest

from entrepot.cli.reading import shares_of
from tools.platforms import PAGE, filled, told

SAMPLES = Path(os.environ.get("ENTREPOT_SAMPLES") or "samples-not-here")


def test_the_page_is_what_the_adapters_say() -> None:
    assert filled(PAGE.read_text()) == PAGE.read_text()


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="ENTREPOT_SAMPLES names no recorded payloads")
def test_the_shares_on_the_page_are_those_of_the_payloads() -> None:
    assert told(shares_of(SAMPLES)) in PAGE.read_text()


def test_a_part_that_is_stale_is_written_anew_and_the_rest_is_kept() -> None:
    page = PAGE.read_text()
    stale = page.replace("| Square | delta |", "| Square | absolute |")
    assert stale != page
    assert filled(stale) == page
    assert "still what it was" in filled(stale)
