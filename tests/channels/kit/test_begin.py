"""Beginning an adapter: what is written keeps every promise and the style, and overwrites nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from subprocess import run

import pytest

from entrepot import channels
from entrepot.channels.kit.begin import begin, checkout
from entrepot.channels.kit.files import read_file
from entrepot.contract import OrderSeen
from entrepot.kernel import Refusal
from entrepot.sandbox.conformance import PROMISES, Promise, Verdict, tried

ROOT = Path(__file__).parents[3]
INSIDE = "src/entrepot/channels/blue_bottle"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A begun adapter as an installed package; its name."""
    root = tmp_path_factory.mktemp("outside")
    begin("corner", root=root, inside=False)
    source = root / "src"
    known = source / "entrepot_corner-0.1.0.dist-info"
    known.mkdir()
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: entrepot-corner\nVersion: 0.1.0\n")
    (known / "entry_points.txt").write_text("[entrepot.channels]\ncorner = entrepot_corner.channel\n")
    before = sys.path.copy()
    sys.path.insert(0, str(source))
    for module in [one for one in sys.modules if one.partition(".")[0] == "entrepot_corner"]:
        del sys.modules[module]
    yield "corner"
    sys.path[:] = before


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_a_begun_adapter_keeps_its_promises(package: str, promise: Promise) -> None:
    outcome = tried(channels.load(package), promise)
    assert outcome.verdict is not Verdict.BROKEN, outcome.why


def test_a_begun_adapter_reads_its_sample_from_a_file(package: str) -> None:
    channel = channels.load(package)
    sample = Path(str(channel.__file__)).parent / "samples" / "one.json"
    found = read_file(channel, sample)
    [seen] = found[0].seen
    assert isinstance(seen, OrderSeen)
    assert (found[0].at, str(seen.total)) == ("payload", "37.03 EUR")


@pytest.mark.parametrize("name", ["a", "blue_bottle", "shop9", "zebra_crossing_shop9"])
def test_what_is_written_is_in_the_style_of_the_house(name: str, tmp_path: Path) -> None:
    house = tmp_path / "src" / "entrepot"
    (house / "channels").mkdir(parents=True)
    (house / "__init__.py").touch()
    (house / "channels" / "__init__.py").touch()
    for room in ("channels/kit", "contract", "kernel", "sandbox"):
        (house / room).symlink_to(ROOT / "src" / "entrepot" / room)
    copy(ROOT / "pyproject.toml", tmp_path)
    written = begin(name, root=tmp_path, inside=True)
    for words in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        typed = [sys.executable, "-m", "ruff", *words, f"src/entrepot/channels/{name}", "tests"]
        ended = run(typed, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout
    assert max(path.read_text().count("\n") for path in written) <= 300


def test_inside_a_checkout_an_adapter_stands_with_ours_and_its_test_with_theirs(tmp_path: Path) -> None:
    written = begin("blue_bottle", root=tmp_path, inside=True)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        f"{INSIDE}/__init__.py",
        f"{INSIDE}/channel.py",
        f"{INSIDE}/account.py",
        f"{INSIDE}/orders.py",
        f"{INSIDE}/goods.py",
        f"{INSIDE}/hooks.py",
        f"{INSIDE}/document.py",
        f"{INSIDE}/emulator.py",
        f"{INSIDE}/emulator_book.py",
        f"{INSIDE}/trial.py",
        f"{INSIDE}/samples/one.json",
        f"{INSIDE}/README.md",
        "tests/channels/blue_bottle/test_promises.py",
    ]
    assert "from entrepot.channels.blue_bottle.orders import" in written[1].read_text()
    assert "class BlueBottle:" in written[7].read_text()
    assert "$" not in "".join(path.read_text() for path in written)


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "pyproject.toml"
    mine.write_text("mine")
    with pytest.raises(Refusal) as refused:
        begin("corner", root=tmp_path, inside=False)
    assert refused.value.code == "file_exists"
    assert [path.name for path in tmp_path.rglob("*")] == ["pyproject.toml"]
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    ["", "Corner", "corner-shop", "9shop", "_shop", "shop_", "a__b", "../x", "a" * 21, "é", "a b", "a\n"],
)
def test_a_name_that_is_none_is_refused_with_the_rule(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="small letters and digits") as refused:
        begin(name, root=tmp_path, inside=False)
    assert refused.value.code == "name"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["square", "kit", "class", "test"])
def test_a_name_that_is_taken_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        begin(name, root=tmp_path, inside=False, known=frozenset({"square"}))
    assert refused.value.code == "name_taken"


def test_a_checkout_is_known_by_its_folders(tmp_path: Path) -> None:
    ours = Path(channels.__file__).resolve().parent
    assert checkout(ours) == ROOT
    installed = tmp_path / "lib" / "site-packages" / "entrepot" / "channels"
    installed.mkdir(parents=True)
    assert checkout(installed) is None
