"""Quotations that go over several sentences: one sentence of such has an opening mark without its closing one, or the
reverse. Knows nothing of who writes or checks."""

_PAIRS = {"«": "»", "“": "”"}
_SPACED = "«»"


def whole(sentence: str) -> str:
    """The sentence with the marks that it lacks, each at its end or its beginning: a quotation by itself."""
    opened: list[str] = []
    before, after = "", ""
    for mark in sentence:
        if mark in _PAIRS:
            opened.append(mark)
        elif mark in _PAIRS.values():
            if opened and _PAIRS[opened[-1]] == mark:
                opened.pop()
            elif not opened:
                opening = next(one for one, other in _PAIRS.items() if other == mark)
                before = opening + (" " if mark in _SPACED else "") + before
    for mark in reversed(opened):
        after += (" " if mark in _SPACED else "") + _PAIRS[mark]
    return before + sentence + after
