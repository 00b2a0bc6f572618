"""A plan of six sessions made first, then the year: nobody is asked for what they have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from workshop import Workshop
from year import SCENARIO, epoch

from moodle_bridge.cli.demo_parts import instruments_by_kind
from moodle_bridge.sandbox import views
from moodle_bridge.sandbox.cast import Course, Person

YEAR: dict[str, Any] = yaml.load(
    SCENARIO.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
COURSE = 70
LATE, LATE_GROUP = 23, 2


@dataclass(frozen=True)
class Asked:
    """A form that a session's page asks somebody for."""

    session: int
    instrument: str
    person: int


def asked(shop: Workshop, *, to_come: bool = False) -> set[Asked]:
    """Every form that any page asks somebody for now; with ``to_come`` those of later sessions too."""
    found = set()
    for row in shop.sandbox.database.rows("SELECT * FROM session WHERE closed = 0"):
        if row["opens"] > shop.clock() and not to_come:
            continue
        for person in YEAR["people"]:
            found |= {
                Asked(row["number"], form.instrument, person["id"])
                for form in views.my_forms(shop.sandbox.world, row, person["id"])
                if form.expected and not form.version
            }
    return found


def plan(shop: Workshop) -> None:
    """The course with everybody who is there from the beginning, and all its sessions at once."""
    shop.clock.now = float(epoch(YEAR["sessions"][0]["date"]) - 86_400)
    people = tuple(
        Person(each["id"], each["name"], (each["role"],), tuple(each["groups"]))
        for each in YEAR["people"]
        if "from" not in each
    )
    world = shop.sandbox.world
    world.add_course(Course(COURSE, YEAR["course"], tuple(YEAR["groups"].items()), people))
    kinds = instruments_by_kind(shop.context.catalogue)
    for each in YEAR["sessions"]:
        world.create_session(
            course=COURSE,
            name=f"Сесия {each['number']}",
            number=each["number"],
            kind=each["kind"],
            instruments=kinds[each["kind"]],
            opens=epoch(each["date"]),
            due=epoch(each["date"], YEAR["due_days"], 22),
            session_id=each["id"],
        )
    settle(shop)


def settle(shop: Workshop) -> None:
    """Everything that is asked for, done."""
    shop.sync()
    shop.work()
    assert shop.dead() == []


def submit(shop: Workshop, form: dict[str, Any], session: int | None = None) -> None:
    """One form of the scenario, submitted now."""
    roles = {each["id"]: each["role"] for each in YEAR["people"]}
    held = YEAR["sessions"][(session or form["session"]) - 1]["id"]
    shop.sandbox.world.submit(
        held,
        form["instrument"],
        form["person"],
        form["answers"],
        role=roles[form["person"]],
        group=form["group"],
    )
    settle(shop)


def play(shop: Workshop, number: int, *, close: bool = True) -> None:
    """One session of the scenario; nobody is ever asked for a first form that they have filled in."""
    done = {person for _, person in first_forms(shop)}
    for form in (each for each in YEAR["forms"] if each["session"] == number):
        shop.clock.now = float(epoch(YEAR["sessions"][number - 1]["date"], form["day"], form["hour"]))
        settle(shop)
        assert (
            Asked(number, form["instrument"], form["person"]) in asked(shop) or roles(form) == "coordinator"
        )
        submit(shop, form)
        done |= {form["person"]} if form["instrument"] == "mentee_initial" else set()
        again = {each for each in asked(shop, to_come=True) if each.instrument == "mentee_initial"}
        assert {each for each in again if each.person in done} == set()
    if close:
        shop.clock.now = float(epoch(YEAR["sessions"][number - 1]["date"], YEAR["closed_days"], 18))
        shop.sandbox.world.close_session(YEAR["sessions"][number - 1]["id"])
        settle(shop)


def roles(form: dict[str, Any]) -> str:
    """The role of whoever writes a form."""
    return next(each["role"] for each in YEAR["people"] if each["id"] == form["person"])


def first_forms(shop: Workshop) -> set[tuple[str, int]]:
    """(session, person) of every first form that was submitted."""
    rows = shop.sandbox.database.rows("SELECT * FROM submission WHERE instrument = 'mentee_initial'")
    return {(row["session"], row["respondent"]) for row in rows}


def come(shop: Workshop, day: str) -> None:
    """Whoever joins late has come by that day."""
    shop.clock.now = float(epoch(day))
    for each in YEAR["people"]:
        if each.get("from") == day:
            shop.sandbox.world.enrol(
                COURSE, Person(each["id"], each["name"], (each["role"],), tuple(each["groups"]))
            )
    settle(shop)


@pytest.fixture
def planned(shop: Workshop) -> Workshop:
    """The course with its plan."""
    plan(shop)
    return shop


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)  # two sessions of a year take a minute
def test_a_plan_made_first_asks_for_the_first_form_once_and_of_late_joiners_where_they_are(
    planned: Workshop,
) -> None:
    shop = planned
    at_first = {each for each in asked(shop, to_come=True) if each.instrument == "mentee_initial"}
    assert {each.session for each in at_first} > {1, 2}, "it is offered in every session that may catch up"
    play(shop, 1)
    come(shop, "2025-10-20")
    play(shop, 2)
    late = YEAR["sessions"][1]["id"]
    assert (late, LATE) in first_forms(shop)
    shop.clock.now = float(epoch(YEAR["sessions"][2]["date"], 1))
    settle(shop)
    wanted = {each for each in asked(shop) if each.session == 3 and each.person < 30}
    assert {each.instrument for each in wanted} == {"mentee_interim"}
    assert {each.person for each in wanted} == {
        each["id"] for each in YEAR["people"] if each["role"] == "mentee"
    }


def test_a_first_form_filled_in_later_is_asked_for_no_longer_where_it_was_missed(planned: Workshop) -> None:
    shop = planned
    [form] = [
        each for each in YEAR["forms"] if each["instrument"] == "mentee_initial" and each["person"] == LATE
    ]
    missed = next(
        each for each in YEAR["forms"] if each["instrument"] == "mentee_initial" and each["person"] == 21
    )
    shop.clock.now = float(epoch(YEAR["sessions"][1]["date"], 1))
    settle(shop)
    before = {
        each.session for each in asked(shop) if each.instrument == form["instrument"] and each.person == 21
    }
    assert before == {1, 2}
    submit(shop, missed, session=2)
    after = {each for each in asked(shop, to_come=True) if each.instrument == form["instrument"]}
    assert {each.session for each in after if each.person == 21} == set()
    assert {each.session for each in after if each.person == 22} >= {1, 2}


def test_what_is_withdrawn_is_marked_and_keeps_its_draft_and_stands_again_when_it_is_named(
    planned: Workshop,
) -> None:
    shop = planned
    database = shop.sandbox.database
    second = YEAR["sessions"][1]["id"]
    with database.write() as connection:
        connection.execute(
            'INSERT INTO draft (session, instrument, "group", person, revision, answers)'
            " VALUES (?, 'mentee_initial', 2, 21, 1, '{}')",
            (second,),
        )
    missed = next(
        each for each in YEAR["forms"] if each["instrument"] == "mentee_initial" and each["person"] == 21
    )
    shop.clock.now = float(epoch(YEAR["sessions"][0]["date"], 1))
    rows = (
        f"SELECT * FROM personal WHERE session = '{second}' AND instrument = 'mentee_initial' AND person = 21"
    )
    submit(shop, missed)
    [row] = database.rows(rows)
    assert row["withdrawn"] == int(shop.clock())
    assert database.row("SELECT * FROM draft WHERE session = ?", second) is not None
    [form] = database.rows("SELECT id FROM submission")
    shop.sandbox.world.delete_submission(form["id"])
    settle(shop)
    [row] = database.rows(rows)
    assert row["withdrawn"] == 0


def test_a_group_that_is_gone_is_shown_nowhere(planned: Workshop) -> None:
    shop = planned
    with shop.sandbox.database.write() as connection:
        connection.execute('DELETE FROM "group" WHERE id = 2')
        connection.execute('DELETE FROM membership WHERE "group" = 2')
    shop.sandbox.world.update_session(YEAR["sessions"][0]["id"], name="Сесия едно")
    shop.sandbox.world.enrol(COURSE, Person(11, "Юлия Ангелова", ("mentee",), (1,)))
    settle(shop)
    for table in ("personal", "summary"):
        counted = shop.sandbox.database.rows(
            f'SELECT min(withdrawn) AS least, count(*) AS all_of_them FROM {table} WHERE "group" = ?',
            2,
        )
        assert [row["least"] > 0 and row["all_of_them"] > 0 for row in counted] == [True], table
