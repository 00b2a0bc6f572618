"""What the monitoring instruments are and mean: plain functions on frozen dataclasses, no input or output.

Everything here is a function of its arguments: no clock, no database, no Moodle, no PDF. Only
:mod:`catalogue` reads files (``config/``), once, at start.

What others use (``instrument`` is an :class:`instruments.Instrument`, i.e.
``catalogue.instruments[id]``; ``session`` a :class:`process.Session`; ``group`` a group's id, 0
where there are none or for all of them; ``person`` a user id)::

    catalogue.load(directory: Path | None = None) -> Catalogue
    definition.definition(catalogue, instrument, language) -> dict  # contract/definition.schema.json
    definition.digest(content) -> str  # SHA-256 of its canonical JSON
    normalise.normalise(instrument, answers) -> dict  # or AnswersRefused
    answers.validate(instrument, language, answers, carried, context) -> Validated(answers, problems)
        Problem(item, row, column, code, message)
    context.Context(kind, date, plan={}, mentees=0, previous={})
        Context.as_json(); context.from_json(personal["context"])
    conditions.holds(tree, scope) -> bool
    visibility.visible(instrument, variant, answers, carried) -> (answers, carried)

    process.Process(sessions, participants, submissions=(), groups={}, as_of=0, documents=(), holidays=())
    process.Session(id, kind, number, date, opens=0, due=0, closed=0, instruments=None, groups=None)
    process.Participant(id, name, roles, groups=(), active=True, joined=0)
    process.Submission(session, instrument, group, respondent, version, submitted, answers, carried={})
    process.Document(file, session, instrument, respondent, date, sha256, group=0, readers="mentor")
    process.Target(session, group, instrument, person)  # ids

    carryover.expected(catalogue, state, session) -> tuple[Target, ...]  # every form offered
    carryover.personal(catalogue, state, target, language) -> dict  # contract/personal.schema.json
    carryover.carried(catalogue, state, target, language) -> dict  # its part "carried"
    carryover.context(catalogue, state, session, instrument, group, person) -> Context
    carryover.derived(catalogue, instrument, answers, language) -> dict  # computed columns of own tables
    carryover.affected(catalogue, before, after, language="bg") -> tuple[Target, ...]
    attendance.forms(catalogue, state, session, group) -> tuple[Form(target, submission, status), ...]
    summary.summary(catalogue, state, session, group, audience, language, person=0) -> dict
    summary.affected(before, after) -> tuple[(session id, group), ...]
    signals.signals(catalogue, state, session, group) -> tuple[Signal, ...]
    Signal.text(catalogue, state, language) -> str
    signals.for_mentor(found), signals.open_signals(...), signals.decisions(...)
    goals.personal_goals(catalogue, state, person, group, session, level="specific") -> tuple[Goal, ...]
    plan.dates(start, end, frequency, *, interim_count, own_dates, fill_days,
        holidays, weekend, held) -> Dates
    plan.note_texts(catalogue, notes) -> list[{"bg": ..., "en": ...}]
    presets.chosen(catalogue, preset="full", on=(), off=()) -> tuple[str, ...]; presets.in_session(...)

A ``Process`` is one course. It is cheap to build and indexes itself lazily; build it anew after an
event and compare the two with ``carryover.affected`` and ``summary.affected`` to know what to push.
"""
