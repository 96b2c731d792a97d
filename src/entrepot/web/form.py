"""A form as a browser sends it: its fields, the error at each, and what the person had typed."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
from litestar.exceptions import ClientException

from entrepot.kernel import Refusal

FIELDS_MAX = 5_000


class Form(msgspec.Struct, frozen=True):
    """`values`: field → everything it was given. `errors`: field → what is wrong with it; '' is the whole
    form."""

    values: Mapping[str, tuple[str, ...]] = {}
    errors: Mapping[str, str] = {}

    def one(self, name: str, default: str = "") -> str:
        """The field's last value."""
        return self.values.get(name, (default,))[-1]

    def every(self, name: str) -> list[str]:
        """All its values, as of boxes that are ticked."""
        return list(self.values.get(name, ()))

    def group(self, prefix: str) -> dict[str, str]:
        """Fields 'prefix.name' → value, without the prefix."""
        begin = f"{prefix}."
        return {
            name.removeprefix(begin): given[-1]
            for name, given in self.values.items()
            if name.startswith(begin)
        }

    def refused(self, refusal: Refusal, *fields: str) -> "Form":
        """The form with the refusal at its field; at the form itself if it has no such field."""
        said = " ".join(part for part in (_sentence(refusal.why), refusal.remedy) if part)
        named = refusal.field if refusal.field in {*self.values, *fields} else ""
        return Form(self.values, {**self.errors, named: said})


def decoded(body: bytes) -> Form:
    """A form of a body (application/x-www-form-urlencoded, UTF-8). ClientException if it is none."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise ClientException from None
    values: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        values[name] = (*values.get(name, ()), value.replace("\r\n", "\n"))
    return Form(values)


def of_query(pairs: Mapping[str, str]) -> Form:
    """A form filled from an address, to be shown again."""
    return Form({name: (value,) for name, value in pairs.items()})


def _sentence(said: str) -> str:
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "!", "?")) else f"{said}."
