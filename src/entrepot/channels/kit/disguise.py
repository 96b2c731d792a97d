"""Takes secrets and personal data out of a whole conversation, so that its shapes survive.

Two passes: first every text that is said under a telling name, or inside a person, is collected and given a
stand-in, the same one wherever it comes; then all of them are replaced, by name and by value, also inside
other texts. What is said under a name that nobody knows is kept unless its value gives it away: who records a
conversation looks at the file before handing it on.
"""

import re
from collections.abc import Iterable
from typing import Any

PERSONS = frozenset({
    "customer", "billing", "shipping", "billingaddress", "shippingaddress", "address", "defaultaddress",
    "recipient", "buyer", "owner", "cardholder", "card", "carddetails", "clientdetails", "contact",
    "staffmember", "teammember", "companycontact", "destination", "originaddress",
})  # fmt: skip
"""Names of objects that describe a person or a place where one lives: every text in them is personal."""

PLAIN = frozenset({
    "id", "uid", "admingraphqlapiid", "customerid", "country", "countrycode", "countrycodev2",
    "provincecode", "currency", "currencycode", "status", "type", "createdat", "updatedat", "kind", "topic",
})  # fmt: skip
"""Names under which nothing personal stands, also in a person: kept whatever else reads the same."""

PERSONAL = frozenset({
    "email", "mail", "emailaddress", "contactemail", "buyeremail", "phone", "phonenumber", "telephone",
    "mobile", "firstname", "lastname", "fullname", "surname", "givenname", "familyname", "recipientname",
    "address1", "address2", "street", "addressline1", "addressline2", "addressline3", "postcode", "zip",
    "postalcode", "city", "locality", "ipaddress", "ip", "browserip", "customeripaddress", "useragent",
    "customeruseragent", "latitude", "longitude", "birthday", "dateofbirth", "taxid", "vatnumber", "vatid",
    "iban", "accountnumber", "routingnumber", "last4", "bin", "fingerprint", "pan", "note", "customernote",
    "buyernote", "notes", "message", "memo", "comment", "comments",
})  # fmt: skip
SECRET = re.compile(
    r"(token|secret|password|authorization|cookie|signature|apikey|orderkey|consumerkey|privatekey)$"
)
"""Names, in small letters without _ and -, whose values are nobody's business."""

PAIRS = ({"key", "value"}, {"name", "value"})
"""Free fields (meta data, attributes): a value of them is kept only if it is a number of few digits."""

LINKS = re.compile(r"(statusurl|paymenturl|receipturl|checkouturl|invoiceurl|landingsite|referringsite)$")
NOBODY = "@example.invalid"
LEAST = 4
"""Shorter texts are replaced where they stand and not looked for elsewhere."""

_MAIL = re.compile(r"[^\s/?&=<>\"'(),;:]+(?:@|%40)[^\s/?&=<>\"'(),;:]+")
_DIALLED = re.compile(r"\+\d[\d ().-]{6,}\d")
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){14,15}\d(?!\d)")
_NUMBER = re.compile(r"-?\d{0,6}(\.\d{1,6})?")
_CODE = re.compile(r"[A-Z]{2,3}|")


class Disguise:
    """The stand-ins of one conversation. `secrets` are replaced wherever they come, `hosts` by
    shop.example."""

    def __init__(self, secrets: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        self._stand_ins: dict[str, str] = {}
        self._personal = 0
        for secret in filter(None, secrets):
            self._stand_in(secret, "secret")
        for host in filter(None, hosts):
            self._stand_ins[host] = "shop.example"
        self._pattern: re.Pattern[str] | None = None

    def learn(self, value: Any, name: str = "", *, person: bool = False) -> None:
        """The first pass: notes every text that needs a stand-in."""
        if isinstance(value, list):
            for one in value:
                self.learn(one, name, person=person)
        elif isinstance(value, dict):
            inside = person or _word(name) in PERSONS
            free = any(pair <= value.keys() for pair in PAIRS)
            for key, one in value.items():
                if free and key == "value" and isinstance(one, str) and not _NUMBER.fullmatch(one):
                    self._stand_in(one, "value")
                else:
                    self.learn(one, key, person=inside)
        elif isinstance(value, str) and value and _telling(name, value, person=person):
            word = _word(name)
            self._stand_in(value, "secret" if SECRET.search(word) else word or "text")
            for part in value.split() if word.endswith("name") else ():
                self._stand_in(part, word)  # somebody may be called by half a name elsewhere
        self._pattern = None

    def disguised(self, value: Any, name: str = "", *, person: bool = False) -> Any:
        """The second pass: the value with every stand-in in its place."""
        if isinstance(value, list):
            return [self.disguised(one, name, person=person) for one in value]
        if isinstance(value, dict):
            inside = person or _word(name) in PERSONS
            return {_formless(key): self.disguised(one, key, person=inside) for key, one in value.items()}
        if isinstance(value, str):
            if _word(name) in PLAIN:
                return _formless(value)
            return self._stand_ins.get(value) or self.text(value)
        number = isinstance(value, int) or hasattr(value, "as_tuple")
        hidden = (
            number and not isinstance(value, bool) and (_word(name) in PERSONAL or SECRET.search(_word(name)))
        )
        return 0 if hidden else value

    def text(self, text: str) -> str:
        """A text with everything in it replaced that was learnt, and what its form gives away."""
        if self._pattern is None:
            known = sorted((one for one in self._stand_ins if len(one) >= LEAST), key=len, reverse=True)
            self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known)) or '(?!)'})(?!\w)")
        replaced = self._pattern.sub(lambda found: self._stand_ins[found[0]], text)
        return _formless(_MAIL.sub(lambda found: self._mail(found[0]), replaced))

    def _mail(self, mail: str) -> str:
        return mail if mail.endswith(NOBODY) else self._stand_in(mail, "email")

    def _stand_in(self, value: str, what: str) -> str:
        """The one stand-in of a text: it says what it stands for, and two texts have two."""
        if value in self._stand_ins:
            return self._stand_ins[value]
        self._personal += 1
        number = self._personal
        if "@" in value or "mail" in what:
            stand_in = f"person{number}{NOBODY}"
        elif LINKS.search(what) or value.startswith(("http://", "https://")):
            stand_in = f"https://shop.example/hidden/{number}"
        elif any(sign.isdigit() for sign in value) and not any(sign.isalpha() for sign in value):
            stand_in = re.sub(r"\d", "0", value)
        elif what == "countrycode":
            stand_in = value
        else:
            stand_in = f"{what} {number}" if " " in value or value[:1].isupper() else f"{what}-{number}"
        self._stand_ins[value] = stand_in
        return stand_in


def _telling(name: str, value: str, *, person: bool) -> bool:
    """Whether a text said under a name is nobody's business."""
    word = _word(name)
    if word in PERSONAL or SECRET.search(word) or LINKS.search(word):
        return True
    code = word in {"state", "province"} and _CODE.fullmatch(value)
    return person and not code and word not in PLAIN


def _formless(text: str) -> str:
    """The text without mail addresses, dialled numbers, internet addresses and card numbers."""
    text = _MAIL.sub(lambda found: found[0] if found[0].endswith(NOBODY) else f"person{NOBODY}", text)
    text = _ADDRESS.sub("192.0.2.1", _DIALLED.sub("+10000000000", text))
    return _CARD.sub(lambda found: "0" * len(found[0]) if _is_card(found[0]) else found[0], text)


def _word(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _is_card(run: str) -> bool:
    """Luhn's check over the digits of a run that begins as cards do."""
    digits = [int(sign) for sign in run if sign.isdigit()]
    doubled = [sum(divmod(2 * one, 10)) if n % 2 else one for n, one in enumerate(reversed(digits))]
    return digits[0] in {3, 4, 5, 6} and sum(doubled) % 10 == 0
