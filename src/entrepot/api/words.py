"""What the document says beside the types: of the door as a whole, of problems, of types that share a
name."""

ABOUT = """\
One ledger of stock, one queue of orders, for every channel a merchant sells on.

**Who asks.** Every route but this document needs `Authorization: Bearer <token>`. A token holds
permissions; each route names the one it needs.

**Numbers.** Quantities are whole *pieces*; a SKU's `scale` says how many of them are one sold unit (1000
for a kilogram counted in grams), and what a request gives as a quantity is decimal text in sold units.
Money is `minor` whole minor units (cents, yen, fils) of an ISO 4217 `currency`. Times are ISO 8601 with
their zone; answers are in UTC. Ids are texts that sort as they were made.

**Lists** come in pages. `limit` is 1 to 200 rows; the answer's `after` (and its header Link, rel="next")
leads to the next page and is '' on the last. A cursor is good for the list and the order that it came
from, however long ago.

**Versions.** What can be read has an ETag. Send it as If-None-Match and get 304 while it holds. A PUT
needs it as If-Match: 428 without, 412 if somebody else was first. It is the ETag of a GET on the same path.

**Doing things once.** Every POST takes an `Idempotency-Key`: a text of your own, new for each request.
Sent again with the same body, for 48 hours, it is answered as the first time (`Idempotency-Replayed:
true`) and nothing is done; with another body it is 409. Two at once are done once. Refusals are not kept:
mend what is wrong and try again.

**Refusals** are problem documents (RFC 9457). Decide by `code`; `field` is the path of what is wrong,
`remedy` what to do about it. Bodies are strict: UTF-8, no key twice, no NaN, no member that is not known.

**How often.** Headers RateLimit-Policy and RateLimit say how many requests there are and how many are
left; 429 has Retry-After.
"""

TAGS: dict[str, str] = {
    "Orders": "One queue of orders from every channel, and what stops them.",
    "Stock": "What lies where, what moved it, who has a claim on it, what the channels show.",
    "Catalogue": "SKUs, what they are made of, and what the channels offer.",
    "Channels": "Connected accounts and what flows through them.",
    "Dead letters": "Deliveries and jobs that failed for good.",
    "Events": "What happened, to be looked up and to be followed.",
    "Tokens": "What programs bear, and what they may do with it.",
    "The hub": "Whether it is in sync and everything adds up.",
}

STATUSES: dict[int, tuple[str, str]] = {
    400: (
        "query",
        ("The request cannot be read: its query (`query`, `cursor`, `limit`), its JSON (`json`) or its key "
         "(`idempotency_key`)."),
    ),
    401: ("not_authorised", "The token is missing, wrong, or has ended."),
    403: (
        "forbidden",
        ("The token lacks the permission (`forbidden`), or is bound to other locations "
         "(`location_forbidden`)."),
    ),
    404: ("not_found", "The path names nothing that is here."),
    406: ("accept", "The answer is of another media type than the request accepts."),
    408: ("too_slow", "The body took more than 15 seconds to arrive."),
    409: (
        "idempotency_key_reused",
        ("The idempotency key stands for another request, what is to be made is there already (codes that "
         "end in `_exists`, `_reused` or `_taken`), or there is a newer version (`version`)."),
    ),
    412: ("precondition_failed", "Somebody else has edited it since the ETag that was sent."),
    413: ("too_large", "The body is longer than 1 MB (64 MB for imports and commands)."),
    415: ("media_type", "The body is not application/json."),
    422: (
        "arguments",
        ("Understood, and refused: an argument is missing, unknown or malformed (`arguments`), or the trade "
         "says no."),
    ),
    428: ("precondition_missing", "If-Match is missing."),
    429: ("too_many_requests", "More requests than the quota; Retry-After says how long to wait."),
    500: ("internal", "Something went wrong on our side. It was recorded."),
    503: (
        "not_now",
        "The store cannot be reached now, or too many streams are open (`streams_full`): try again.",
    ),
}  # fmt: skip
"""Status → the code that stands for it most often, and what it means."""

NAMES: dict[str, str] = {
    "entrepot.orders.views.Problem": "OpenException",
    "entrepot.orders.model.Kind": "ExceptionKind",
    "entrepot.api.problems.Problem": "Problem",
    "entrepot.ledger.model.State": "ReservationState",
    "entrepot.connections.model.State": "ConnectionState",
    "Kind": "ExceptionKind",
    "Told": "Event",
    "Part": "RecipePart",
    "Paid": "OrderPayment",
    "Refunded": "OrderRefund",
    "Amount": "OrderAmount",
    "Promise": "Reservation",
    "Moved": "Move",
    "Entry": "HistoryEntry",
    "Every": "Locations",
    "Report": "Verification",
    "Customer": "CustomerWanted",
    "Address": "AddressWanted",
    "CustomerSeen": "OrderCustomer",
    "AddressSeen": "OrderAddress",
    "Page_OrderView_": "OrderPage",
    "Page_Problem_": "OpenExceptionPage",
    "Page_StockView_": "StockPage",
    "Page_Moved_": "MovePage",
    "Page_Promise_": "ReservationPage",
    "Page_SlotView_": "SlotPage",
    "Page_SkuView_": "SkuPage",
    "Page_ListingView_": "ListingPage",
    "Page_DeadLetter_": "DeadLetterPage",
    "Page_Told_": "EventPage",
    "Page_HoldView_": "HoldPage",
    "Page_TransferView_": "TransferPage",
}
"""What the types are called in the code → in the document."""
