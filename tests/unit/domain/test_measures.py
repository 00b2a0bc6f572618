from __future__ import annotations

import pytest

from moodle_bridge.domain.course.measures import (
    gas_t,
    goal_percent,
    goals_attained,
    mean_of_items,
    spread,
    weighted_mean,
)
from moodle_bridge.domain.instrument.model import Catalogue


@pytest.mark.parametrize(
    ("goals", "percent", "score"),
    [
        ([(3, 0), (2, 1), (1, 0)], 8.3, 25.8),
        ([(3, 2), (2, 3), (1, 4)], 66.7, 41.2),
        ([(3, 4), (2, 5), (1, 2)], 91.7, 52.2),
        ([(1, 0)], 0, 30),
        ([(2, 4), (2, 4), (2, 4)], 100, 50),
    ],
)
def test_goal_percentage_and_gas_t_match_the_published_vectors(
    catalogue: Catalogue, goals: list[tuple[int, int]], percent: float, score: float
) -> None:
    scale = catalogue.scales["goal7"]
    assert goal_percent(goals, scale) == pytest.approx(percent, abs=0.05)
    assert gas_t(goals, scale) == pytest.approx(score, abs=0.05)


def test_without_goals_there_is_no_figure(catalogue: Catalogue) -> None:
    scale = catalogue.scales["goal7"]
    assert goal_percent([], scale) is None
    assert gas_t([], scale) is None
    assert gas_t([(3, 99)], scale) is None
    assert goals_attained([]) == (0, 0)


def test_expectations_are_weighted() -> None:
    assert weighted_mean([(3, 2), (2, 4)]) == pytest.approx(2.8)
    assert weighted_mean([]) is None


def test_a_small_group_is_told_by_median_least_most_and_n() -> None:
    found = spread([5, 1, 3, 2])
    assert found is not None
    assert (found.median, found.least, found.most, found.n) == (2.5, 1, 5, 4)
    assert spread([]) is None


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([4, None, 2, 3], 3), ([4, None, None, 3], None), ([1, 2, 3, 4], 2.5), ([], None)],
)
def test_cannot_say_is_missing_and_never_zero(values: list[int | None], wanted: float | None) -> None:
    assert mean_of_items(values, 3) == wanted
