"""Makes `.venv`: the locked dependencies and this project, with `entrepot` in `.venv/bin`.

Standard library only, so that a bare machine (python3, pip, make) can run it. Run again, it does nothing
until a lock file, `pyproject.toml`, this file, the interpreter or the folder has changed. With `--core` it
leaves the tools for development out: that is what a machine that only runs the hub needs.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (the message is for the people who have an older one)
    sys.exit(f"Entrepot needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "entrepot.stamp"
WATCHED = ("pyproject.toml", "bootstrap.py", "requirements/core.lock", "requirements/dev.lock")

# The system interpreter is good enough: never let an installer fetch another one. The rest of the environment
# (certificates, an index or a proxy of one's own) is passed on, but for a setting that no environment obeys.
ENVIRONMENT = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "PIP_USER": "0"}


def main() -> None:
    """Bring `.venv` up to date, or say what is missing and exit 1."""
    lock = "core" if "--core" in sys.argv[1:] else "dev"
    with Path(__file__).open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # two makes in one folder at the same time are common
        if STAMP.exists() and STAMP.read_text() in accepted(lock):
            return
        started = time.monotonic()
        print(f"setting up .venv from requirements/{lock}.lock ...", flush=True)
        make_environment()
        if not (install_with_uv(lock) or install_with_pip(lock)):
            sys.exit("setting up failed: the lines above say why. Nothing outside .venv was touched.")
        STAMP.write_text(fingerprint(lock))
        print(f"set up in {time.monotonic() - started:.0f} s: {VENV.relative_to(ROOT)}/bin/entrepot")


def accepted(lock: str) -> set[str]:
    """Stamps that mean there is nothing to do; an environment for development also serves to run the hub."""
    return {fingerprint("dev"), fingerprint(lock)}


def fingerprint(lock: str) -> str:
    """A digest of all that the environment was made from; scripts in it hold the folder's absolute path."""
    digest = hashlib.sha256(f"{lock}\n{ROOT}\n{sys.version}\n{os.path.realpath(sys.executable)}\n".encode())
    for name in WATCHED:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def make_environment() -> None:
    """Make an empty `.venv`, or keep the one there is if its interpreter is still this one.

    Without pip: Debian's Python has no ensurepip unless python3-venv is installed, and we need none in there.
    """
    STAMP.unlink(missing_ok=True)
    same = interpreter() == f"{sys.version} {VENV}"
    venv.EnvBuilder(with_pip=False, symlinks=True, clear=not same).create(VENV)


def interpreter() -> str:
    """Version and place of the interpreter in `.venv`, asked of itself; empty if there is none that works."""
    if not PYTHON.exists():
        return ""
    question = [str(PYTHON), "-c", "import sys; print(sys.version, sys.prefix)"]
    return subprocess.run(question, capture_output=True, text=True, check=False).stdout.strip()


def install_with_uv(lock: str) -> bool:
    """True if uv is on the path and installed everything.

    It does not read pip's settings (an index of one's own, say): where it fails, pip is tried as well.
    """
    uv = shutil.which("uv")
    if uv is None:
        return False
    pip = [uv, "--quiet", "pip"]
    wanted = ["--python", str(PYTHON), "--require-hashes", "--compile-bytecode", f"requirements/{lock}.lock"]
    return run([*pip, "sync", *wanted]) and run([*pip, "install", "--python", str(PYTHON), *PROJECT])


def install_with_pip(lock: str) -> bool:
    """True if this interpreter's own pip installed everything into `.venv`, which PEP 668 does not forbid."""
    if importlib.util.find_spec("pip") is None:
        sys.exit("pip is missing. On Debian and Ubuntu: apt-get install python3-pip (or put uv on the path)")
    pip = [sys.executable, "-m", "pip", "-qq", "--python", str(PYTHON), "install", "--no-input"]
    pip += ["--root-user-action=ignore"]
    return run([*pip, "--require-hashes", "-r", f"requirements/{lock}.lock"]) and run([*pip, *PROJECT])


# The build backend is in the lock (group `build`), so the project is installed from what is already there: no
# isolated build, hence no unhashed download. It writes a plain .pth line, `bin/entrepot` and the metadata.
PROJECT = ("--no-deps", "--no-build-isolation", "--no-index", "--editable", ".")


def run(command: list[str]) -> bool:
    """Whether the command ended well; its output goes to the terminal."""
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=False).returncode == 0


if __name__ == "__main__":
    main()
