"""The public suite of JSON parsers (nst/JSONTestSuite, MIT) against ours. It is no part of the project:
ENTREPOT_DATA names a folder that has it."""

import gzip
import os
from base64 import b64decode
from pathlib import Path

import msgspec
import pytest

from entrepot.channels.kit import json
from entrepot.kernel import ChannelError

FILE = Path(os.environ.get("ENTREPOT_DATA", "data-not-here")) / "corpora" / "json-test-suite.jsonl.gz"
STRICTER = {
    "y_object_duplicated_key.json": "a key named twice",
    "y_object_duplicated_key_and_value.json": "a key named twice",
}
"""What the suite accepts and we do not, on purpose."""

SKIPPED = pytest.mark.skipif(not FILE.is_file(), reason="ENTREPOT_DATA names no folder with the JSON suite")


class Case(msgspec.Struct, frozen=True):
    name: str
    expect: str
    b64: str


def cases() -> list[Case]:
    if not FILE.is_file():
        return []
    with gzip.open(FILE) as lines:
        return [msgspec.json.decode(line, type=Case) for line in lines]


def answer(raw: bytes) -> str:
    try:
        json.decode(raw)
    except ChannelError:
        return "reject"
    return "accept"


@SKIPPED
def test_what_is_json_is_read_and_what_is_not_is_refused_by_name() -> None:
    """Whatever it is, it ends in a value or in a ChannelError."""
    found = {case.name.rpartition("/")[2]: (case.expect, answer(b64decode(case.b64))) for case in cases()}
    assert len(found) > 300
    wrong = {name: pair for name, pair in found.items() if pair[0] != "either" and pair[0] != pair[1]}
    assert wrong == dict.fromkeys(STRICTER, ("accept", "reject"))
