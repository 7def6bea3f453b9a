"""Compares the quantities of a rendering with those of its evidence: values, units, and how exact they are."""

from collections.abc import Iterator, Sequence

from service.guard.dates import resolve
from service.guard.quantities import Form, Quantity, quantities
from service.guard.types import Kind, Pair, Problem
from service.guard.words import text_of

# The same time in other units: « quinze jours » is two weeks.
_SAME_TIME = {
    ("day", 15): ("week", 2), ("day", 8): ("week", 1), ("day", 7): ("week", 1), ("month", 12): ("year", 1),
    ("hour", 24): ("day", 1), ("hour", 48): ("day", 2), ("hour", 72): ("day", 3), ("year", 10): ("decade", 1),
    ("year", 20): ("decade", 2), ("year", 30): ("decade", 3), ("year", 40): ("decade", 4), ("year", 50): ("decade", 5),
    ("year", 100): ("century", 1), ("month", 3): ("quarter", 1), ("month", 18): ("year", 1.5),
    ("month", 6): ("year", 0.5),
    ("minute", 30): ("hour", 0.5), ("month", 24): ("year", 2), ("day", 14): ("week", 2), ("minute", 60): ("hour", 1),
}  # fmt: skip


def numbers(pair: Pair) -> Iterator[Problem]:
    evidence = quantities(text_of(pair.evidence, pair.evidence_lang))
    rendering = quantities(text_of(pair.rendering, pair.lang))
    missing = [q for q in evidence if not q.weak and not any(_same(q, other) for other in rendering)]
    days = resolve(text_of(pair.evidence, pair.evidence_lang), pair.published)
    dated = {float(part) for _, day in days for part in (day.day, day.year)}  # "on Thursday" may be written as its date
    added = [q for q in rendering if not q.weak and not q.values & dated and not any(_same(o, q) for o in evidence)]
    for number in range(max(len(missing), len(added))):
        yield Problem(
            Kind.NUMBER,
            missing[number].said if number < len(missing) else "",
            added[number].said if number < len(added) else "",
        )
    yield from _units(evidence, rendering)
    yield from _bounds(evidence, rendering)
    yield from _exchanged(evidence, rendering)


def _same(one: Quantity, other: Quantity) -> bool:
    if Form.ROUGH in (one.form, other.form):
        return bool(one.values & other.values) and one.form is other.form
    if one.values & other.values:
        spelt = one.said.isalpha() and other.said.isalpha()
        return one.form is other.form or not spelt or one.weak or other.weak
    return _same_time(one, other) or _same_time(other, one) or _same_decade(one, other)


def _same_time(one: Quantity, other: Quantity) -> bool:
    for (unit, value), (other_unit, other_value) in _SAME_TIME.items():
        if (
            one.unit == unit
            and value in one.values
            and (other_value in other.values)
            and other.unit in (other_unit, "")
        ):
            return True
    return False


def _same_decade(one: Quantity, other: Quantity) -> bool:
    """« les années soixante » are the 1960s."""
    return any(
        1900 + a == b or 1900 + b == a for a in one.values for b in other.values if min(a, b) in range(10, 100, 10)
    )


def _units(evidence: Sequence[Quantity], rendering: Sequence[Quantity]) -> Iterator[Problem]:
    """A number that has, wherever it is said, another unit than its evidence gives it."""
    for quantity in evidence:
        like = [other for other in rendering if other.values & quantity.values]
        if not like or quantity.weak:
            continue
        if all(other.percent != quantity.percent for other in like):
            others = [other for other in evidence if other.values & quantity.values]
            if all(other.percent == quantity.percent for other in others):
                yield Problem(Kind.UNIT, _with_unit(quantity), _with_unit(like[0]))
        elif quantity.unit and all(other.unit and other.unit != quantity.unit for other in like):
            yield Problem(Kind.UNIT, _with_unit(quantity), _with_unit(like[0]))


def _with_unit(quantity: Quantity) -> str:
    return f"{quantity.said} {'%' if quantity.percent else quantity.unit}".strip()


def _bounds(evidence: Sequence[Quantity], rendering: Sequence[Quantity]) -> Iterator[Problem]:
    """« plus de 200 » is not 200."""
    for quantity in evidence:
        like = [other for other in rendering if other.values & quantity.values and other.form is quantity.form]
        if quantity.weak or not like or all(other.weak for other in like):
            continue
        if not any(_as_exact(quantity.bound, other.bound) for other in like):
            yield Problem(Kind.APPROXIMATION, _with_bound(quantity), _with_bound(like[0]))


def _with_bound(quantity: Quantity) -> str:
    return f"{quantity.bound.strip('~')} {quantity.said}".strip()


def _as_exact(one: str, other: str) -> bool:
    if one.startswith("~") or other.startswith("~"):
        loose, firm = (one, other) if one.startswith("~") else (other, one)
        return firm.strip("~") in ("", loose.strip("~"), "roughly")
    if "roughly" in (one, other):
        return {one, other} <= {"roughly", "about", ""}
    return one == other


def _exchanged(evidence: Sequence[Quantity], rendering: Sequence[Quantity]) -> Iterator[Problem]:
    """Two plain numbers that changed places."""
    ours, theirs = (_plain(side) for side in (evidence, rendering))
    if len(ours) != 2 or len(theirs) != 2 or ours[0].values & ours[1].values:
        return
    if ours[0].values & theirs[1].values and ours[1].values & theirs[0].values:
        yield Problem(Kind.NUMBER, f"{ours[0].said} … {ours[1].said}", f"{theirs[0].said} … {theirs[1].said}")


def _plain(side: Sequence[Quantity]) -> list[Quantity]:
    return [q for q in side if not q.weak and not q.year and q.form is Form.CARDINAL]
