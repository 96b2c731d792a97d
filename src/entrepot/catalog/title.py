"""Another title for a SKU: what people and searches find it by, beside its code."""

import unicodedata

import msgspec

from entrepot.catalog import rows
from entrepot.catalog.model import Sku, code_of
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal

TITLE_MAX = 200


def retitle(tx: Tx, code: str, title: str, *, was: str | None = None) -> Sku:
    """Gives a SKU another title. `was`: the one that its giver has seen, to be refused if it is another by
    now. Refusal `sku_unknown`, `title` or `title_changed`."""
    known = rows.skus(tx, codes=[code_of(code)])
    if not known:
        raise Refusal("sku_unknown", f"there is no SKU {code!r}", field="sku")
    held, plain = known[0], " ".join(unicodedata.normalize("NFC", title).split())
    if len(plain) > TITLE_MAX or any(unicodedata.category(letter) == "Cc" for letter in plain):
        raise Refusal("title", f"a title has at most {TITLE_MAX} printable letters", field="title")
    if was is not None and was != held.title:
        why = f"somebody has made the title {held.title!r} meanwhile"
        raise Refusal("title_changed", why, remedy="Look at it again", field="title")
    changed = msgspec.structs.replace(held, title=plain or held.code)
    if changed != held:
        rows.update_title(tx, changed)
        events.append(tx, [Event(stream=f"sku:{held.id}", kind="TitleChanged", body={"sku": held.id})])
    return changed
