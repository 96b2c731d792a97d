"""Brings other people's files that the pages use into the tree: fonts, with their licences and a manifest.

Run it by hand to move a version, look at what changed, commit the result: neither installing nor running the
hub needs Node. `npm install --ignore-scripts` fetches, so that nothing of a package is ever executed here.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

VENDORED = Path(__file__).resolve().parent.parent / "src/entrepot/web/assets/vendored"
MANIFEST = "manifest.json"


class Package(NamedTuple):
    """`files`: path in the package → name here."""

    name: str
    version: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "@fontsource-variable/ibm-plex-sans",
        "5.3.0",
        {
            "files/ibm-plex-sans-latin-wght-normal.woff2": "plex-latin.woff2",
            "files/ibm-plex-sans-latin-ext-wght-normal.woff2": "plex-latin-ext.woff2",
            "LICENSE": "plex.LICENSE.txt",
        },
    ),
)


def main() -> None:
    """Usage: python -m tools.assets. Exits 1 if npm fails or a package lacks a file."""
    VENDORED.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        _install(Path(folder))
        entries = [_vendor(Path(folder), package) for package in PACKAGES]
    _drop_others({file["name"] for entry in entries for file in entry["files"]} | {MANIFEST})
    (VENDORED / MANIFEST).write_text(json.dumps(entries, indent=2) + "\n")
    print(f"{sum(len(entry['files']) for entry in entries)} files of {len(entries)} packages")


def _install(folder: Path) -> None:
    wanted = [f"{package.name}@{package.version}" for package in PACKAGES]
    options = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder)]
    done = subprocess.run(["npm", "install", *options, *wanted], check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)


def _vendor(folder: Path, package: Package) -> dict[str, Any]:
    """Copies a package's files; its entry in the manifest."""
    root = folder / "node_modules" / package.name
    about = json.loads((root / "package.json").read_text())
    for source, target in package.files.items():
        shutil.copyfile(root / source, VENDORED / target)
    return {
        "name": package.name,
        "version": about["version"],
        "licence": about["license"],
        "files": [
            {"name": target, "source": source, "sha256": _digest(VENDORED / target)}
            for source, target in package.files.items()
        ],
    }


def _drop_others(known: set[str]) -> None:
    for path in VENDORED.iterdir():
        if path.name not in known:
            path.unlink()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
