"""Files of other people: each is what the manifest says, with its licence beside it."""

import hashlib
import json
from pathlib import Path

import entrepot.web

VENDORED = Path(entrepot.web.__file__).parent / "assets/vendored"


def test_every_vendored_file_is_the_one_in_the_manifest() -> None:
    packages = json.loads((VENDORED / "manifest.json").read_text())
    said = {file["name"]: file["sha256"] for package in packages for file in package["files"]}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDORED.iterdir()
        if path.name != "manifest.json"
    }
    assert said == found


def test_every_package_brings_its_licence() -> None:
    packages = json.loads((VENDORED / "manifest.json").read_text())
    assert [(package["name"], package["licence"]) for package in packages] == [
        ("@fontsource-variable/ibm-plex-sans", "OFL-1.1")
    ]
    assert "SIL Open Font License, Version 1.1" in (VENDORED / "plex.LICENSE.txt").read_text()
