"""Checking a form's answers against its definition: every problem at once, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from moodle_bridge.domain.answers.scope import Context, form_scope, row_scope
from moodle_bridge.domain.answers.tidy import excess, normalise
from moodle_bridge.domain.course.model import EMPTY, Answers, Content, Row, rows
from moodle_bridge.domain.instrument import conditions
from moodle_bridge.domain.instrument.days import parse_day
from moodle_bridge.domain.instrument.model import Instrument, Item
from moodle_bridge.domain.instrument.wording import label, say


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing its author has to correct. ``row`` is None and ``column`` empty outside a table's row."""

    item: str
    row: int | None
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Validated:
    """Tidied answers (hidden ones left out) and what is still wrong with them."""

    answers: Content
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Fault:
    """A problem without its place: which rule, and the figures that its message names."""

    code: str
    facts: Mapping[str, object]


def validate(
    instrument: Instrument,
    language: str,
    answers: object,
    carried: Answers,
    context: Context,
) -> Validated:
    """Tidy and check submitted answers.

    ``carried`` is what the form showed (personal data's ``carried``). Answers hidden by ``show_if`` are
    dropped.
    Raises :class:`~moodle_bridge.errors.AnswersRefused` for a shape that no form sends.
    """
    tidy = without_hidden(instrument, normalise(instrument, answers), carried, context)
    problems: list[Problem] = []
    scope = form_scope(context, tidy)
    for item in instrument.items:
        if not conditions.holds(item.show_if, scope):
            continue
        required = item.required or (
            item.required_if is not None and conditions.holds(item.required_if, scope)
        )
        if item.columns:
            problems += _table_problems(instrument, item, tidy, carried, scope, required, language)
        else:
            choices = _choices(instrument, item, None, tidy, carried)
            faults = _faults(item, tidy, required, choices, language)
            problems += (_problem(instrument, item, fault, language) for fault in faults)
        problems += (Problem(item.id, None, "", "refused", text) for text in _refused(item, scope, language))
    return Validated(tidy, tuple(problems))


def without_hidden(instrument: Instrument, answers: Answers, carried: Answers, context: Context) -> Content:
    """The answers that a form with these answers shows; a hidden answer counts as unanswered."""
    shown = dict(answers)
    for _ in instrument.items:
        scope = form_scope(context, shown)
        kept: Content = {}
        for item in instrument.items:
            if item.id in shown and conditions.holds(item.show_if, scope):
                value = shown[item.id]
                value = _shown_rows(item, value, carried, scope) if item.columns else value
                if value != []:
                    kept[item.id] = value
        if kept == shown:
            break
        shown = kept
    return shown


def _shown_rows(item: Item, table: list[Content], carried: Answers, scope: conditions.Scope) -> list[Content]:
    shown = {row["row"]: row for row in rows(carried, item.id)}
    conditional = [column for column in item.columns if column.show_if is not None]
    kept = []
    for row in table:
        row_values = row_scope(scope, item, shown.get(row["row"], EMPTY), row)
        hidden = {column.id for column in conditional if not conditions.holds(column.show_if, row_values)}
        left = {key: value for key, value in row.items() if key not in hidden}
        if left.keys() - {"row"}:
            kept.append(left)
    return kept


def _table_problems(
    instrument: Instrument,
    item: Item,
    answers: Answers,
    carried: Answers,
    scope: conditions.Scope,
    required: bool,
    language: str,
) -> Iterator[Problem]:
    answered = {row["row"]: row for row in answers.get(item.id, [])}
    shown = {row["row"]: row for row in rows(carried, item.id)}
    if item.type == "table":
        least = max(item.min_rows, 1) if required else item.min_rows
        if len(answered) < least:
            code = "one_row" if least == 1 else "too_few_rows"
            yield _problem(instrument, item, _Fault(code, {"limit": least}), language)
        if len(answered) > item.max_rows:
            yield _problem(instrument, item, _Fault("too_many_rows", {"limit": item.max_rows}), language)
        numbers = sorted(answered)
    else:
        for number in sorted(set(answered) - set(shown)):
            yield _problem(instrument, item, _Fault("row_not_shown", {"row": number}), language, number)
        numbers = sorted(shown)
    for number in numbers:
        row = answered.get(number, {"row": number})
        values = row_scope(scope, item, shown.get(number, EMPTY), row)
        for column in item.columns:
            if column.read_only or not conditions.holds(column.show_if, values):
                continue
            needed = column.required and (item.type == "table" or required)
            needed = needed or (
                column.required_if is not None and conditions.holds(column.required_if, values)
            )
            choices = _choices(instrument, column, item, answers, carried)
            faults = [*_faults(column, row, needed, choices, language)]
            for fault in faults:
                yield _problem(instrument, item, fault, language, number, column)
            # What is no answer yet is not judged by what it would mean.
            for text in () if faults else _refused(column, values, language):
                yield Problem(item.id, number, column.id, "refused", text)
    yield from _alike(instrument, item, answered, language)


def _alike(
    instrument: Instrument, table: Item, answered: Mapping[int, Row], language: str
) -> Iterator[Problem]:
    """Every row that says what an earlier one says, in the column that has to differ."""
    seen: set[str] = set()
    for number, row in sorted(answered.items()):
        text = " ".join(str(row.get(table.distinct or "", "")).split()).lower()
        if text and text in seen:
            column = next(column for column in table.columns if column.id == table.distinct)
            yield _problem(instrument, table, _Fault("alike", {}), language, number, column)
        seen.add(text)


def _refused(item: Item, scope: conditions.Scope, language: str) -> Iterator[str]:
    """Find answers that are possible each by itself but make no sense together."""
    return (each.text[language] for each in item.refuse if conditions.holds(each.condition, scope))


def _problem(
    instrument: Instrument,
    item: Item,
    fault: _Fault,
    language: str,
    row: int | None = None,
    column: Item | None = None,
) -> Problem:
    facts = {"label": (column or item).label[language], **fault.facts}
    message = say(instrument.messages, f"problem_{fault.code}", language, **facts)
    return Problem(item.id, row, column.id if column else "", fault.code, message)


def _choices(
    instrument: Instrument,
    item: Item,
    table: Item | None,
    answers: Answers,
    carried: Answers,
) -> frozenset[object]:
    """The values that may be chosen."""
    if item.options_from is None:
        return frozenset(option.value for option in item.options)
    if any(other.id == item.options_from for other in instrument.items):
        return frozenset(f"r{row['row']}" for row in rows(answers, item.options_from))
    key = f"{item.id}.options" if table is None else f"{table.id}.{item.id}.options"
    offered = carried.get(key)
    if not isinstance(offered, list):
        return frozenset()
    values = (option.get("value") for option in offered if isinstance(option, Mapping))
    return frozenset(value for value in values if isinstance(value, str))


def _faults(
    item: Item, answers: Answers, required: bool, choices: frozenset[object], language: str
) -> Iterable[_Fault]:
    if item.type == "computed":
        return
    if item.id not in answers:
        if required:
            yield _Fault("required", {})
        return
    value = answers[item.id]
    if item.type in ("short_text", "long_text"):
        length = excess(value, lines=item.type == "long_text", limit=item.max_length)
        if length:
            yield _Fault("too_long", {"limit": item.max_length, "length": length})
    elif item.type in ("scale", "single_choice"):
        if value not in choices:
            yield _Fault("unknown_option", {})
    elif item.type == "multi_choice":
        yield from _choice_faults(item, value, choices, language)
    elif item.type == "date":
        if not _is_date(value):
            yield _Fault("not_a_date", {})
    elif item.type == "yes_no":
        if item.affirm and value is not True:
            yield _Fault("not_affirmed", {})
    elif item.type == "number":
        yield from _number_faults(item, value)


def _is_date(value: str) -> bool:
    """Whether normalising made an ISO date of it: 30 February stays what it was typed as."""
    return parse_day(value) is not None


def _choice_faults(
    item: Item, codes: list[str], choices: frozenset[object], language: str
) -> Iterator[_Fault]:
    if any(code not in choices for code in codes):
        yield _Fault("unknown_option", {})
    if item.maximum is not None and len(codes) > item.maximum:
        yield _Fault("too_many", {"limit": item.maximum})
    for option in item.options:
        if option.exclusive and option.value in codes and len(codes) > 1:
            yield _Fault("exclusive", {"option": label(item.options, option.value, language)})


def _number_faults(item: Item, value: object) -> Iterator[_Fault]:
    if not isinstance(value, int):
        yield _Fault("not_a_number", {})
        return
    least, most = item.minimum, item.maximum
    if (least is not None and value < least) or (most is not None and value > most):
        yield _Fault("out_of_range", {"least": least, "most": most})
