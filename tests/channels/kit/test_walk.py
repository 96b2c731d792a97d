"""Adapters are found by walking the folder and by entry points."""

import sys
from pathlib import Path

import pytest

from entrepot import channels
from entrepot.kernel import Refusal


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installed package of somebody else, with one adapter; its name."""
    (tmp_path / "corner_adapter").mkdir()
    (tmp_path / "corner_adapter" / "channel.py").write_text("ABOUT = 'corner'\n")
    known = tmp_path / "corner_adapter-1.0.dist-info"
    known.mkdir()
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: corner-adapter\nVersion: 1.0\n")
    (known / "entry_points.txt").write_text("[entrepot.channels]\ncorner = corner_adapter.channel\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "corner_adapter.channel", raising=False)
    return "corner"


def test_the_kit_is_no_platform() -> None:
    assert "kit" not in channels.names()


def test_an_adapter_of_an_outside_package_is_found(outside: str) -> None:
    assert outside in channels.names()
    assert channels.load(outside).ABOUT == "corner"


def test_every_adapter_in_the_folder_is_loaded_by_its_name() -> None:
    folders = sorted(path.parent.name for path in Path(channels.__path__[0]).glob("*/channel.py"))
    assert sorted(channels.walk()) == folders


@pytest.mark.parametrize("name", ["", "nosuch", "kit", "kit.api", "../kit", "Kit", "os"])
def test_a_platform_without_adapter_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        channels.load(name)
    assert refused.value.code == "platform_unknown"
