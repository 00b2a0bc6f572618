"""No single answer can be worked out of what people are told who do not read the answers.

Played through: for each kind of figure, each number of people, each reader and each history, every list of
answers that gives the reader the same. The readers' figures are symmetric in the others, so it is enough to
go through the others' answers without their order; a test holds that against all orders.

``MOODLE_BRIDGE_EVERY_CASE=1`` plays the large cases too (minutes); without it those of few lists of answers.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, combinations_with_replacement, product
from typing import Any

import pytest

from moodle_bridge.domain.course.measures import spread
from moodle_bridge.domain.course.model import Process, Published, Session
from moodle_bridge.domain.instrument.read import catalogue as catalogue_files
from moodle_bridge.domain.session import confidentiality, ledger

CATALOGUE = catalogue_files.load()
EVERY_CASE = os.environ.get("MOODLE_BRIDGE_EVERY_CASE") == "1"
LISTS = 100_000 if EVERY_CASE else 2_500
"""Of answers, at most, in one case."""
PEOPLE = range(2, 10)
CLOSING = 1_000
Answer = Any
Tell = Callable[[Sequence[Answer]], Hashable]


@dataclass(frozen=True)
class Kind:
    """A kind of figure: what one person can answer, and what is told of all answers."""

    name: str
    answers: tuple[Answer, ...]
    tell: Tell
    fewest: int
    """Values that each other person's answer has to keep."""
    scale: bool = True
    """Whether no value may be known to be among the others' answers; naming categories is no such value."""


def steps(scale: str) -> tuple[int, ...]:
    return tuple(o.value for o in CATALOGUE.scales[scale] if isinstance(o.value, int))


def sets_of(categories: str, most: int, *, least: int) -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset(each) for size in range(least, most + 1) for each in combinations(categories, size)
    )


def cut(scale: str) -> Tell:
    return partial(confidentiality.share, cut=CATALOGUE.cuts[scale])


KINDS = [
    *(Kind(f"share of {scale}", steps(scale), cut(scale), 2) for scale in CATALOGUE.cuts),
    Kind(
        "share of means of two items",
        tuple(product((1, 3, 4, 5), repeat=2)),
        lambda answers: confidentiality.share([sum(each) / 2 for each in answers], 3.5),
        2,
    ),
    Kind(
        "share of one or two goals",
        (*((level,) for level in (0, 3, 4, 6)), *combinations_with_replacement((0, 3, 4, 6), 2)),
        lambda answers: confidentiality.share_of_all(answers, CATALOGUE.cuts["goal7"]),
        2,
    ),
    Kind("lean of extent5, coordinator only", steps("extent5"), confidentiality.lean, 3),
    Kind(
        "one of three categories, has to", sets_of("abc", 1, least=1), confidentiality.named, 2, scale=False
    ),
    Kind("up to two of three, has to", sets_of("abc", 2, least=1), confidentiality.named, 2, scale=False),
    Kind("up to two of three, or none", sets_of("abc", 2, least=0), confidentiality.named, 2, scale=False),
    Kind("up to three of four, has to", sets_of("abcd", 3, least=1), confidentiality.named, 2, scale=False),
]


def goals_known(answer: Answer) -> Hashable:
    """What is known of an answer without reading it: how many goals somebody has."""
    return len(answer) if isinstance(answer, tuple) else None


# Histories: what happens to a session, and what a reader is told on the way. Each yields, for the answers of
# the others and one later change of one of them, everything that the reader was ever told.

Rule = Callable[[Tell, list[tuple[int, frozenset[tuple[int, int]], int, Sequence[Answer]]]], Hashable]


def by_ledger(tell: Tell, moments: Sequence[tuple[int, frozenset[tuple[int, int]], int, Any]]) -> Hashable:
    """What the ledger tells at each moment: (closed, own deadlines, now, answers)."""
    state = Process((), ())
    seen = []
    for closed, extensions, now, answers in moments:
        session = Session("s", "interim", 2, "2026-02-09", closed=closed, extensions=extensions)
        if ledger.is_due(session, now):
            made = confidentiality.as_json(tell(answers))  # type: ignore[arg-type]
            state = ledger.kept(state, [Published("s", 1, "mentee", "figure", made, now)])
        entry = state.ledger.get(("s", 1, "mentee", "figure"))
        seen.append(None if entry is None else confidentiality.of_json(entry.figure))
    return tuple(seen)


def by_old_rule(tell: Tell, moments: Sequence[tuple[int, frozenset[tuple[int, int]], int, Any]]) -> Hashable:
    """What was told before: median, least and most of three or more, of any session that is closed."""
    seen = []
    for closed, _, _, answers in moments:
        numbers = [sum(each) / len(each) if isinstance(each, tuple) else each for each in answers]
        found = spread(numbers) if closed and len(numbers) >= 3 else None
        seen.append(None if found is None else (found.n, found.median, found.least, found.most))
    return tuple(seen)


def at_once(own: Answer, others: Sequence[Answer]) -> Iterator[tuple[Any, ...]]:
    """Everybody answers, the session closes."""
    yield ((CLOSING, frozenset(), CLOSING, [own, *others]),)


def late(own: Answer, others: Sequence[Answer]) -> Iterator[tuple[Any, ...]]:
    """One of the others has an own deadline after closing, and answers then."""
    more_time = frozenset({(9, CLOSING + 500)})
    yield (
        (CLOSING, more_time, CLOSING, [own, *others[:-1]]),
        (CLOSING, more_time, CLOSING + 400, [own, *others]),
        (CLOSING, more_time, CLOSING + 600, [own, *others]),
    )


def reopened(own: Answer, others: Sequence[Answer]) -> Iterator[tuple[Any, ...]]:
    """The session is reopened, a known person answers who had not, it is closed again."""
    yield (
        (CLOSING, frozenset(), CLOSING, [own, *others[:-1]]),
        (0, frozenset(), CLOSING + 100, [own, *others]),
        (CLOSING + 200, frozenset(), CLOSING + 200, [own, *others]),
    )


def moved(own: Answer, others: Sequence[Answer]) -> Iterator[tuple[Any, ...]]:
    """A known person moves to another group after the session; the form's figure goes along."""
    yield (
        (CLOSING, frozenset(), CLOSING, [own, *others]),
        (CLOSING, frozenset(), CLOSING + 100, [own, *others[:-1]]),
    )


HISTORIES = [at_once, late, reopened, moved]


@dataclass(frozen=True)
class Leak:
    """What a reader can conclude."""

    why: str
    own: Answer
    told: Hashable


def symmetric(kind: Kind, n: int, rule: Rule) -> Iterator[Leak]:
    """Leaks of a session that just closes: the others are alike, so their order does not matter."""
    for own in kind.answers:
        seen: dict[Hashable, list[tuple[Answer, ...]]] = defaultdict(list)
        for others in combinations_with_replacement(kind.answers, n - 1):
            known = tuple(sorted(map(repr, map(goals_known, others))))
            (moments,) = at_once(own, others)
            seen[rule(kind.tell, list(moments)), known].append(others)
        for (told, _), lists in seen.items():
            by_known: dict[Hashable, set[Answer]] = defaultdict(set)
            for others in lists:
                for answer in others:
                    by_known[goals_known(answer)].add(answer)
            if any(len(values) < kind.fewest for values in by_known.values()):
                yield Leak("an answer keeps too few values", own, told)
            if len(lists) == 1 and len(set(lists[0])) == 1:
                yield Leak("one list of answers is left", own, told)
            certain = set(lists[0]).intersection(*map(set, lists[1:]))
            if kind.scale and certain:
                yield Leak(f"{certain} is certainly among them", own, told)


def in_order(
    kind: Kind, n: int, rule: Rule, history: Callable[[Answer, Sequence[Answer]], Iterator[tuple[Any, ...]]]
) -> Iterator[Leak]:
    """Leaks of a history in which one of the others, whom everybody knows, is not like the rest."""
    for own in kind.answers:
        seen: dict[Hashable, list[tuple[Answer, ...]]] = defaultdict(list)
        for rest in combinations_with_replacement(kind.answers, n - 2):
            for known_person in kind.answers:
                others = (*rest, known_person)
                (moments,) = history(own, others)
                shape = (tuple(sorted(map(repr, map(goals_known, rest)))), goals_known(known_person))
                seen[rule(kind.tell, list(moments)), shape].append(others)
        for (told, _), lists in seen.items():
            if len({others[-1] for others in lists}) < kind.fewest:
                yield Leak("the known person's answer keeps too few values", own, told)
            by_known: dict[Hashable, set[Answer]] = defaultdict(set)
            for others in lists:
                for answer in others[:-1]:
                    by_known[goals_known(answer)].add(answer)
            if any(len(values) < kind.fewest for values in by_known.values()):
                yield Leak("an answer keeps too few values", own, told)
            if kind.scale and set(lists[0]).intersection(*map(set, lists[1:])):
                yield Leak("a value is certainly among them", own, told)


def multisets(kind: Kind, people: int) -> int:
    return math.comb(len(kind.answers) + people - 1, people)


def skip_large(lists: int) -> None:
    if lists > LISTS:
        pytest.skip("a case of more lists of answers than are played here")


@pytest.mark.parametrize("n", PEOPLE)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_answer_can_be_worked_out_of_a_figure(kind: Kind, n: int) -> None:
    skip_large(len(kind.answers) * multisets(kind, n - 1))
    assert next(symmetric(kind, n, by_ledger), None) is None


@pytest.mark.parametrize("n", PEOPLE)
@pytest.mark.parametrize("history", HISTORIES[1:], ids=lambda history: history.__name__)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_answer_can_be_worked_out_of_a_figures_history(kind: Kind, n: int, history: Any) -> None:
    skip_large(len(kind.answers) ** 2 * multisets(kind, n - 2))
    assert next(in_order(kind, n, by_ledger, history), None) is None


SPREADABLE = [kind for kind in KINDS if kind.scale]


@pytest.mark.parametrize("n", range(3, 7))
@pytest.mark.parametrize(
    "kind", [kind for kind in SPREADABLE if len(kind.answers) <= 7], ids=lambda k: k.name
)
def test_the_old_rule_gives_answers_away(kind: Kind, n: int) -> None:
    """Median, least and most from three answers on: at every number of people somebody's answer is told."""
    assert next(symmetric(kind, n, by_old_rule), None) is not None


@pytest.mark.parametrize("history", [late, reopened], ids=lambda history: history.__name__)
def test_the_old_rule_gives_a_late_answer_away(history: Any) -> None:
    kind = next(kind for kind in KINDS if kind.name == "lean of extent5, coordinator only")
    found = list(in_order(kind, 4, by_old_rule, history))
    assert any(leak.why.startswith("the known person's") for leak in found)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if len(kind.answers) <= 6], ids=lambda k: k.name)
@pytest.mark.parametrize("n", range(2, 6))
def test_the_order_of_the_others_does_not_matter(kind: Kind, n: int) -> None:
    own = kind.answers[0]
    for others in product(kind.answers, repeat=n - 1):
        assert kind.tell([own, *others]) == kind.tell([own, *sorted(others, key=repr)])


@pytest.mark.parametrize("n", range(6, 10))
def test_a_median_of_an_odd_number_would_be_somebodys_answer(n: int) -> None:
    """Why the middle three count: the band of the plain median tells of a three that is certainly there."""

    def median_band(answers: Sequence[int]) -> Hashable:
        found = spread(answers)
        assert found is not None
        return "low" if found.median <= 7 / 3 else "high" if found.median >= 11 / 3 else "middle"

    kind = Kind("band of the median", steps("extent5"), median_band, 3)
    found = next(symmetric(kind, n, lambda tell, moments: tell(moments[0][3])), None)
    assert (found is not None) is (n % 2 == 1)


def test_a_cut_that_leaves_one_step_on_a_side_gives_answers_away() -> None:
    kind = Kind("share of done3", steps("done3"), partial(confidentiality.share, cut=3), 2)
    assert next(symmetric(kind, 4, by_ledger), None) is not None


def test_below_the_fewest_people_nothing_is_told() -> None:
    assert confidentiality.share([4, 5], 4) is None
    assert confidentiality.share([4, 5, 1], 4) == confidentiality.Share(2, 3)
    assert confidentiality.share_of_all([[4], [5]], 4) is None
    assert confidentiality.share_of_all([[4], [5], [1, 1]], 4) == confidentiality.Share(2, 4)
    assert confidentiality.lean([5] * 4) is None
    assert confidentiality.lean([5] * 5) == confidentiality.Lean("high")
    assert confidentiality.named([["a"]] * 4) is None
    assert confidentiality.named([["a"]] * 5) == confidentiality.Named(("a",), ())
