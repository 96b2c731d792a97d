"""`entrepot keys`: the keys that what is secret is sealed under, and another one in the newest's place."""

from pathlib import Path
from typing import Annotated

import typer

from entrepot.app.commands import sealing
from entrepot.app.keys import add_key, drop_keys, names, use_key
from entrepot.app.performing import Perform, open_for_command
from entrepot.cli.showing import Json, emit, note, read, settings, show, table
from entrepot.kernel import Refusal

keys = typer.Typer(no_args_is_help=True, help="The keys that what is secret is sealed under.")


@keys.command("list")
def list_keys(*, json: Json = False) -> None:
    """The keys of this home by name, and how much is sealed under each."""
    known, newest = names(settings().home)
    under = read(sealing.under)
    rows = [{"name": one, "newest": one == newest, "values": under.get(one, 0)} for one in known]
    if json:
        emit({"keys": rows})
        return
    table("", ["key", "seals now", "values under it"],
          [[one["name"], "yes" if one["newest"] else "no", one["values"]] for one in rows],
          right=["values under it"])  # fmt: skip


@keys.command("rotate")
def rotate(
    *,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only draw the key, to be copied to other machines first.")
    ] = False,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Take keys out of the file that nothing is sealed under.")
    ] = False,
    json: Json = False,
) -> None:
    """Draws a new key and seals everything anew under it, while the hub runs. One that was stopped goes on.

    The old key stays in the file until --drop-old takes it out: older backups open only with it. With a
    PostgreSQL database and several machines: --prepare, copy the key file to all, then rotate.
    """
    home = settings().home
    if drop_old:
        dropped = _drop(home)
        show({"dropped": dropped}, f"{len(dropped)} keys were dropped", as_json=json)
        return
    if prepare:
        name = add_key(home)
        show({"waiting": name}, f"{name} waits. Copy keys.json to every machine, then rotate", as_json=json)
        return
    known, newest = names(home)
    if newest != known[-1] or set(read(sealing.under)) <= {newest}:
        newest = add_key(home)
        use_key(home, newest)
    with open_for_command(settings()) as perform:
        resealed = _resealed(perform)
    said = f"{resealed} values were sealed anew under {newest}. Once no backup needs the old key: --drop-old"
    show({"newest": newest, "resealed": resealed}, said, as_json=json)


def _resealed(perform: Perform) -> int:
    """Goes through every table; how many values were under an older key."""
    done = 0
    for room in sealing.SEALED:
        after: str | None = None
        while after != "":
            answer = perform("keys.reseal", {"room": room, "after": after or ""})
            done, after = done + answer["resealed"], answer["after"]
            if after:
                note(f"  {room}: {done} values so far")
    return done


def _drop(home: Path) -> list[str]:
    """The keys that were taken out; Refusal `keys_in_use` while something is sealed under an old one."""
    known, newest = names(home)
    held = {name: values for name, values in read(sealing.under).items() if name != newest}
    if held:
        said = ", ".join(f"{values} under {name}" for name, values in held.items())
        raise Refusal("keys_in_use", f"there are still {said}", remedy="entrepot keys rotate")
    gone = [name for name in known if name < newest]
    drop_keys(home, gone)
    return gone
