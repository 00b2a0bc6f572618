"""The formulas: goals, means, spread. Numbers in, numbers out; what is missing is left out, never zero."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moodle_bridge.domain.instrument.model import Option

ATTAINED = 4
"""The step of the goal scale from which a goal counts as attained."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure of a small group: median with n, least and most. Never a bare mean."""

    n: int
    median: float
    least: float
    most: float


def spread(values: Iterable[float]) -> Spread | None:
    """Median, least and most of the values; None when there are none."""
    known = sorted(values)
    if not known:
        return None
    return Spread(len(known), statistics.median(known), known[0], known[-1])


def mean(values: Iterable[float]) -> float | None:
    """Arithmetic mean; None when there are no values."""
    known = list(values)
    return sum(known) / len(known) if known else None


def weighted_mean(pairs: Iterable[tuple[int, int]]) -> float | None:
    """Sum of weight times value by the sum of weights, of (weight, value); None when there are none."""
    known = list(pairs)
    weights = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / weights if weights else None


def goal_percent(goals: Sequence[tuple[int, int]], scale: Sequence[Option]) -> float | None:
    """Importance-weighted percentage (0-100) of (importance, level) pairs; None when there are none."""
    percents = {option.value: option.percent for option in scale if option.percent is not None}
    known = [(weight, percents[level]) for weight, level in goals if level in percents]
    weights = sum(weight for weight, _ in known)
    return sum(weight * percent for weight, percent in known) / weights if weights else None


def goals_attained(levels: Iterable[int]) -> tuple[int, int]:
    """How many goals are attained, of how many."""
    known = list(levels)
    return sum(level >= ATTAINED for level in known), len(known)


def gas_t(goals: Sequence[tuple[int, int]], scale: Sequence[Option]) -> float | None:
    """Goal attainment score T of (importance, level) pairs; 50 = all as expected.

    T = 50 + 10 Σwx / √(0.7 Σw² + 0.3 (Σw)²), expected intercorrelation 0.3 (Kiresuk and Sherman 1968; in
    Turner-Stokes 2009, doi 10.1177/0269215508101742, as corrected in its erratum). The half steps between the
    goal scale's GAS values are an adaptation of ours.
    """
    attainment = {option.value: option.gas for option in scale if option.gas is not None}
    known = [(weight, attainment[level]) for weight, level in goals if level in attainment]
    weights = [weight for weight, _ in known]
    if not sum(weights):
        return None
    gained = sum(weight * gas for weight, gas in known)
    return 50 + 10 * gained / math.sqrt(0.7 * sum(w * w for w in weights) + 0.3 * sum(weights) ** 2)


def mean_of_items(values: Sequence[int | None], least: int) -> float | None:
    """Mean of the items answered, if at least ``least`` were."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) >= least else None
