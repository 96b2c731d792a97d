"""Reading a platform's document from a file: whatever lies there, the answer is passages or a Refusal."""

import stat
from pathlib import Path

from entrepot.channels.kit.json import decode
from entrepot.contract import About, Channel, DocumentKind, Passage
from entrepot.kernel import ChannelError, Refusal

SIZE_MAX = 64 * 1024 * 1024


def read_file(channel: Channel, path: Path, kind: DocumentKind | None = None) -> list[Passage]:
    """What the adapter understands of the file. Nothing is asked of anybody.

    Refusal `file_missing`, `file_kind` (a folder, a device), `file_unreadable`, `document_large` (over
    64 MB), `document_malformed` (not JSON), the adapter's own, or `cannot_read_documents` if it has no such
    function.
    """
    about: About = channel.ABOUT
    if not hasattr(channel, "read_document"):
        why = about.lacks.get("read_document", "its adapter does not offer it")
        raise Refusal("cannot_read_documents", f"documents of {about.title} cannot be read: {why}")
    try:
        document = decode(content(path))
    except ChannelError as error:
        raise Refusal("document_malformed", f"{path.name}: {error.why}") from None
    found: list[Passage] = channel.read_document(document, kind, {})
    return found


def content(path: Path) -> bytes:
    """The bytes of an ordinary file of at most 64 MB; Refusal otherwise."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            what = "a folder" if path.is_dir() else "no ordinary file"
            raise Refusal("file_kind", f"{path} is {what}", remedy="Name one JSON file")
        if about.st_size > SIZE_MAX:
            raise Refusal("document_large", f"{path.name} is larger than {SIZE_MAX // 1024**2} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise Refusal("file_missing", f"there is no file {path}") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise Refusal("file_unreadable", f"{path} cannot be read: {error}") from None
