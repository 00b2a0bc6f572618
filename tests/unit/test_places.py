"""Places for calls of Moodle, shared by the jobs of one process."""

from __future__ import annotations

import threading

from moodle_bridge.places import Places, places_of


def running(jobs: int) -> Places:
    places = Places()
    for _ in range(jobs):
        places.ask()
        places.answered(claimed=True)
    return places


def test_every_three_jobs_stand_for_two_places() -> None:
    assert [places_of(jobs) for jobs in range(10)] == [0, 1, 2, 2, 3, 4, 4, 5, 6, 6]


def test_there_are_no_more_calls_than_places_and_a_place_given_back_is_taken_again() -> None:
    places = running(3)
    assert [places.take(0) for _ in range(3)] == [True, True, False]
    places.give()
    assert places.take(0)


def test_a_job_that_is_only_asked_for_brings_no_place() -> None:
    places = running(1)
    assert places.ask() == 2
    assert [places.take(0) for _ in range(2)] == [True, False]
    places.answered(claimed=False)
    assert [places.take(0), places.ask()] == [False, 2]


def test_a_job_is_let_go_only_when_the_others_keep_to_their_places() -> None:
    places = running(2)
    assert places.take(0)
    assert places.take(0)
    leaving = threading.Thread(target=places.leave)
    leaving.start()
    leaving.join(0.1)
    assert leaving.is_alive(), "one job stands for one place, and two calls are under way"
    places.give()
    leaving.join(5)
    assert not leaving.is_alive()
    assert not places.take(0)


def test_a_command_without_jobs_has_the_least() -> None:
    places = Places(2)
    assert [places.take(0) for _ in range(3)] == [True, True, False]
