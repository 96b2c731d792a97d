"""Text that can be kept: no store takes NUL or half a letter, so no command does."""

from collections.abc import Mapping, Sequence

from entrepot.kernel import Refusal


def check_legible(given: object, path: str = "") -> None:
    """Refusal `text` with the path of the first text that no store could keep."""
    if isinstance(given, str):
        if "\0" in given or not _whole(given):
            raise Refusal("text", "a text cannot hold NUL or half a letter", field=path)
    elif isinstance(given, Mapping):
        for name, value in given.items():
            inner = f"{path}.{name}" if path else str(name)
            check_legible(name, inner)
            check_legible(value, inner)
    elif isinstance(given, Sequence) and not isinstance(given, bytes | bytearray):
        for number, value in enumerate(given):
            check_legible(value, f"{path}[{number}]")


def _whole(text: str) -> bool:
    """Whether a text has no surrogate by itself."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
