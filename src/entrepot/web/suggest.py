"""Which SKU of ours a channel's item may be: by the words that its text and title share with ours."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from entrepot.catalog.model import TERM_MAX, fold
from entrepot.db import Tx, chunks, tables

_term, _sku = tables.sku_term, tables.sku

WORDS_MAX, CANDIDATES_MAX, BEST = 400, 5_000, 3
WORD = re.compile(r"\w{2,}")


def suggestions(tx: Tx, texts: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """key → the (code, title) of at most three SKUs that share words with its text, the likeliest first; two
    statements, whatever the number of texts."""
    wanted = {key: _words(text) for key, text in texts.items()}
    every = sorted({word for words in wanted.values() for word in words})[:WORDS_MAX]
    having: dict[str, set[str]] = defaultdict(set)
    for some in chunks(every):
        mine = select(_term.c.term, _term.c.sku_id).where(_term.c.term.in_(some)).limit(CANDIDATES_MAX)
        for row in tx.rows(mine):
            having[row.term].add(row.sku_id)
    best = {key: _best(words, having) for key, words in wanted.items()}
    named = {
        row.id: (row.code, row.title)
        for some in chunks(sorted({id for ids in best.values() for id in ids}))
        for row in tx.rows(select(_sku.c.id, _sku.c.code, _sku.c.title).where(_sku.c.id.in_(some)))
    }
    return {key: [named[id] for id in ids if id in named] for key, ids in best.items()}


def _words(text: str) -> set[str]:
    folded = fold(text)
    return {word[:TERM_MAX] for word in (*WORD.findall(folded), *folded.split())}


def _best(words: Iterable[str], having: Mapping[str, set[str]]) -> list[str]:
    """A word that few SKUs have counts for more than one that many have."""
    score: Counter[str] = Counter()
    for word in words:
        for sku_id in having.get(word, ()):
            score[sku_id] += 1000 // len(having[word])
    return [id for id, _points in sorted(score.items(), key=lambda pair: (-pair[1], pair[0]))[:BEST]]
