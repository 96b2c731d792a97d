"""Reading a history: a CSV file, gzipped or plain, line by line; what is wrong is named with its line number.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from entrepot.catalog.model import code_of
from entrepot.kernel import Refusal

HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID",
          "Country"]  # fmt: skip
OTHER_NAMES = {"Invoice": "InvoiceNo", "Price": "UnitPrice", "Customer ID": "CustomerID"}
"""What the second edition of the data calls them (doi 10.24432/C5CG6D, read 2026-11)."""

ZONE = "Europe/London"
REMEDY = "Nothing was played. Mend the line, or leave it out"
PENNY = Decimal("0.01")
TEXT_MAX = 500

_WHOLE = re.compile(r"-?[0-9]{1,9}")
_PRICE = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
_WHEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file. `number` as an editor shows it; `at` aware UTC; `pence` the line's amount,
    rounded half away from zero, `exact` before that."""

    number: int
    invoice: str
    code: str
    title: str
    quantity: int
    at: datetime
    price: Decimal
    pence: int
    exact: Decimal
    customer: str
    country: str


def entries(path: Path, *, zone: str = ZONE, most: int = 0) -> Iterator[Entry]:
    """The lines of a history, at most `most` (0: all). Times without zone are local times of `zone`.

    Refusal `history_header`, `history_cut`, `history_line` (with line number, field and value).
    """
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refusal("zone", f"there is no time zone {zone!r}", remedy="Europe/London") from None
    number = 1
    with _opened(path) as file:
        lines = csv.reader(file, strict=True)
        try:
            _check_header(next(lines, []))
            for cells in lines:
                number = lines.line_num
                if cells:
                    yield _entry(number, cells, local)
                    most -= 1
                    if most == 0:
                        return
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Refusal("history_cut", f"{path} breaks off after line {number}: {error}",
                          remedy="Nothing was played. Fetch the file again") from None  # fmt: skip
        except UnicodeDecodeError as error:
            byte = f"{error.object[error.start]:#x}"
            raise Refusal("history_line", f"after line {number} stands a byte {byte} that is no UTF-8",
                          remedy="Nothing was played. Save it as UTF-8") from None  # fmt: skip
        except csv.Error as error:
            raise Refusal(
                "history_line", f"line {lines.line_num} is no CSV: {error}", remedy=REMEDY
            ) from None


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """The file's text, whether it is gzipped or not."""
    with path.open("rb") as plain:
        zipped = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        raw = gzip.GzipFile(fileobj=plain) if zipped else plain
        with io.TextIOWrapper(io.BufferedReader(raw, 1 << 18), encoding="utf-8-sig", newline="") as file:
            yield file


def _check_header(cells: list[str]) -> None:
    if [OTHER_NAMES.get(cell.strip(), cell.strip()) for cell in cells] != HEADER:
        shown = ",".join(cells)[:120]
        raise Refusal("history_header", f"the first line is {shown!r}",
                      remedy=f"It must be {','.join(HEADER)}")  # fmt: skip


def _entry(number: int, cells: list[str], local: ZoneInfo) -> Entry:
    if len(cells) != len(HEADER):
        raise Refusal(
            "history_line", f"line {number} has {len(cells)} cells, not {len(HEADER)}", remedy=REMEDY
        )
    invoice, code, title, quantity, when, price, customer, country = cells
    if not invoice or len(invoice) > 40 or not invoice.isprintable():
        raise _wrong(number, "InvoiceNo", invoice)
    if not _WHOLE.fullmatch(quantity):
        raise _wrong(number, "Quantity", quantity)
    if not _PRICE.fullmatch(price):
        raise _wrong(number, "UnitPrice", price)
    try:
        at, known = _moment(when, local), _code(code)
    except ValueError:
        raise _wrong(number, "InvoiceDate", when) from None
    except Refusal:
        raise _wrong(number, "StockCode", code) from None
    units, each = int(quantity), _decimal(price)
    exact = units * each
    return Entry(
        number=number,
        invoice=invoice,
        code=known,
        title=" ".join(title.replace("\x00", " ").split())[:TEXT_MAX],
        quantity=units,
        at=at,
        price=each,
        pence=int(exact.quantize(PENNY, ROUND_HALF_UP).scaleb(2)),
        exact=exact,
        customer=customer.strip()[:40],
        country=country.strip()[:60],
    )


def _wrong(number: int, field: str, value: str) -> Refusal:
    return Refusal("history_line", f"line {number}: {value[:60]!r} is no {field}", remedy=REMEDY, field=field)


@lru_cache(maxsize=4096)
def _moment(text: str, local: ZoneInfo) -> datetime:
    """Local time → UTC; the first of the two where the clocks were put back."""
    if not _WHEN.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text).replace(tzinfo=local).astimezone(UTC)


@lru_cache(maxsize=16384)
def _code(text: str) -> str:
    return code_of(text)


@lru_cache(maxsize=16384)
def _decimal(text: str) -> Decimal:
    return Decimal(text)
