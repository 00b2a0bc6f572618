"""The people of the stand-in's course: one cast for the demo and for every test.

The year scenario (``scenarios/year.yaml``) has a cast of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from moodle_bridge.domain.course.model import Role

ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody enrolled in the course."""

    id: int
    name: str
    roles: tuple[str, ...]
    groups: tuple[int, ...] = ()
    language: str = "bg"
    active: bool = True


@dataclass(frozen=True, slots=True)
class Course:
    """A course with its groups and people."""

    id: int
    name: str
    groups: tuple[tuple[int, str], ...]
    people: tuple[Person, ...]


GROUP_A, GROUP_B = 3, 4

YULIA = Person(42, "Юлия Ангелова", ("mentee",), (GROUP_A,))
KALOYAN = Person(44, "Калоян Щърбанов", ("mentee",), (GROUP_A,))
ZHIVKA = Person(45, "Живка Цонева", ("mentee",), (GROUP_A,))
HRISTO = Person(46, "Христо Ъгъров", ("mentee",), (GROUP_B,))
NADEZHDA = Person(47, "Надежда Юрукова", ("mentee",), (GROUP_B,))
PETAR = Person(43, "Петър Щерев", ("mentor",), (GROUP_A,))
TSVETELINA = Person(48, "Цветелина Дончева", ("mentor",), (GROUP_B,))
BOYAN = Person(49, "Боян Яръмов", ("coordinator",))

PEOPLE = (YULIA, KALOYAN, ZHIVKA, HRISTO, NADEZHDA, PETAR, TSVETELINA, BOYAN)

COURSE = Course(
    id=7,
    name="Е-менторинг 2026: път към работата",
    groups=((GROUP_A, "Група А"), (GROUP_B, "Група Б")),
    people=PEOPLE,
)
