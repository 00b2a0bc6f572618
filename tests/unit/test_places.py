"""Places for calls of Moodle, shared by the jobs of one process."""

from __future__ import annotations

import threading
import time

from moodle_bridge.places import Places, places_of


def running(jobs: int) -> Places:
    places = Places()
    for _ in range(jobs):
        places.join()
    return places


def taken(places: Places, calls: int) -> list[bool]:
    return [places.take(0) is not None for _ in range(calls)]


def test_every_three_jobs_stand_for_two_places() -> None:
    assert [places_of(jobs) for jobs in range(10)] == [0, 1, 2, 2, 3, 4, 4, 5, 6, 6]


def test_there_are_no_more_calls_than_places_and_a_place_given_back_is_taken_again() -> None:
    places = running(3)
    began = places.take(0)
    assert began is not None
    assert taken(places, 2) == [True, False]
    places.give(began)
    assert taken(places, 2) == [True, False]


def test_a_job_is_let_go_only_when_the_others_keep_to_their_places() -> None:
    places = running(2)
    began = places.take(0)
    assert began is not None
    assert taken(places, 1) == [True]
    leaving = threading.Thread(target=places.leave)
    leaving.start()
    leaving.join(0.1)
    assert leaving.is_alive(), "one job stands for one place, and two calls are under way"
    places.give(began)
    leaving.join(5)
    assert not leaving.is_alive()
    assert places.take(0) is None


def test_a_command_without_jobs_has_the_least() -> None:
    places = Places(2)
    assert taken(places, 3) == [True, True, False]


def test_calls_that_last_are_told_from_those_that_have_just_begun() -> None:
    places = Places(2)
    long, _short = places.take(0), (time.sleep(0.2), places.take(0))
    assert long is not None
    assert [places.long_under_way(seconds) for seconds in (0.0, 0.1, 60)] == [2, 1, 0]
    places.give(long)
    assert places.long_under_way(0.1) == 0
