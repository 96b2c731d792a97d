"""Writes docs/reference/openapi.json from the table of routes; with --check only exits 1 if it is stale."""

import sys

import msgspec

from entrepot.api.openapi import document
from tools.house import ROOT

PAGE = ROOT / "docs/reference/openapi.json"


def main() -> None:
    """Writes the document, or compares it."""
    text = msgspec.json.format(msgspec.json.encode(document()), indent=1).decode() + "\n"
    if "--check" not in sys.argv[1:]:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        print(f"{PAGE.relative_to(ROOT)} is stale: python -m tools.openapi")
        sys.exit(1)


if __name__ == "__main__":
    main()
