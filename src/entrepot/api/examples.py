"""Answers as they look, for the document: route → an example."""

from typing import Any

ORDER, LINE = "01kjpymt2ts8195cekya7dw3bw", "01kjpymt2ts8195cekya7dw3bx"
NEXT = "AQqgtNCRujAxa2pweWhxeXBheThjM216d3p3bjNueDZw"

_ORDER: dict[str, Any] = {
    "id": ORDER,
    "number": "2079",
    "external_id": "2079",
    "channel": "web-shop",
    "version": 1,
    "placed_at": "2026-03-02T09:39:06.058698Z",
    "changed_at": "2026-03-02T09:39:06.458698Z",
    "received_at": "2026-03-02T09:39:06.458698Z",
    "status": "accepted",
    "commercial": "open",
    "payment": "paid",
    "fulfilment": "waiting",
    "total": {"minor": 3600, "currency": "EUR"},
    "lines": [
        {
            "sku": "MUG-INDIGO",
            "mapped": True,
            "title": "Mug, indigo glaze",
            "pieces": 2,
            "where": [["harbour", 2]],
            "short": 0,
            "handed_over": False,
        }
    ],
    "problems": [],
}
_PLACED: dict[str, Any] = {
    "order": ORDER,
    "number": "visit-118",
    "version": 1,
    "status": "accepted",
    "commercial": "open",
    "payment": "paid",
    "fulfilment": "waiting",
    "total": "36.00",
    "currency": "EUR",
}

ANSWERED: dict[str, Any] = {
    "list_orders": {"rows": [_ORDER], "after": NEXT},
    "place_order": _PLACED
    | {
        "reference": "visit-118",
        "new": True,
        "lines": [{"line": LINE, "number": "1", "sku": "MUG-INDIGO", "pieces": 2, "short": 0}],
    },
    "cancel_order": _PLACED | {"version": 2, "status": "cancelled", "commercial": "cancelled"},
    "list_exceptions": {
        "rows": [
            {
                "id": "01kjpymh9jrex17qqfgtnh0cf6",
                "order_id": ORDER,
                "line_id": LINE,
                "kind": "short",
                "detail": "158 pieces are promised that no place holds",
                "opened_at": "2026-03-02T09:38:57.458698Z",
                "sku": "VASE-REED",
                "sku_text": "VASE-REED",
                "item": "109",
                "number": "2078",
                "channel": "web-shop",
                "platform": "woocommerce",
            }
        ],
        "after": "",
    },
    "list_stock": {
        "rows": [
            {
                "sku": "MUG-INDIGO",
                "title": "Mug, indigo glaze",
                "scale": 1,
                "bundle": False,
                "available": 63,
                "locations": [
                    {
                        "location": "harbour",
                        "available": 5,
                        "on_hand": 14,
                        "promised": 9,
                        "unavailable": {},
                        "back": 0,
                    },
                    {
                        "location": "warehouse",
                        "available": 58,
                        "on_hand": 60,
                        "promised": 0,
                        "unavailable": {"damaged": 2},
                        "back": 0,
                    },
                ],
            }
        ],
        "after": NEXT,
    },
    "receive_goods": {"sku": "MUG", "location": "main", "received": 24, "booked": True},
    "make_hold": {
        "hold": "01kjpwd6m04tff59tdwh9edda2",
        "reference": "cart-5",
        "sku": "MUG",
        "state": "held",
        "asked": 2,
        "quantity": 2,
        "until": "2026-03-02T18:00:00Z",
    },
    "list_events": {
        "rows": [
            {
                "id": "01kjpymt2ts8195cekya7dw3c7",
                "stream": f"order:{ORDER}",
                "version": 1,
                "kind": "OrderReceived",
                "body": {
                    "order": ORDER,
                    "version": 1,
                    "commercial": "open",
                    "payment": "paid",
                    "fulfilment": "waiting",
                    "exceptions": [],
                },
                "actor": "hub",
                "source": "webhook",
                "correlation": "01kjpymt2ts8195cekya7dw3bv",
                "at": "2026-03-02T09:39:06.458698Z",
            }
        ],
        "after": NEXT,
    },
    "show_flow": {"connection": "web-shop", "flow": "stock_out", "level": "observe"},
    "set_flow": {"connection": "web-shop", "flow": "stock_out", "level": "on"},
}
