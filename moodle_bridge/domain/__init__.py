"""What the monitoring instruments are and mean: plain functions on frozen dataclasses, no input or output.

Everything here is a function of its arguments: no clock, no database, no Moodle, no PDF. Only
:mod:`catalogue` reads files (``config/``), once, at start.

What others use::

    catalogue.load(directory: Path | None = None) -> Catalogue
    definition.definition(catalogue, instrument, language) -> dict     # contract/definition.schema.json
    definition.digest(definition) -> str                               # SHA-256 of its canonical JSON
    answers.validate(instrument, language, answers, carried, context) -> Validated(answers, problems)
    visibility.visible(instrument, variant, answers, carried) -> (answers, carried)
    process.Process(sessions, participants, submissions, groups, plan, as_of, instruments)
    process.Session(id, kind, number, date, opens, due, closed, instruments)
    process.Participant(id, name, role, groups, active, joined=0)
    process.Submission(session, instrument, group, respondent, version, submitted, answers, carried)
    process.context(state, session, group, catalogue, instrument, person) -> Context
    carryover.expected(catalogue, state, session) -> list[Target(session, group, instrument, person)]
    carryover.personal(catalogue, state, session, instrument, group, person, language) -> dict
    carryover.affected(catalogue, before, after) -> list[Target]       # whose personal data changed
    summary.summary(catalogue, state, session, group, audience, language) -> dict
    summary.affected(before, after) -> list[(session, group)]          # whose summary may have changed
    signals.signals(catalogue, state, session, group, language) -> list[Signal]
    plan.dates(start, end, frequency, ...) -> Dates(sessions, notes)
    presets.chosen(catalogue, preset, on=(), off=()) -> tuple[str, ...]

``instrument`` is an :class:`~moodle_bridge.domain.instruments.Instrument` (``catalogue.instruments[id]``),
``session`` a session's id, ``group`` a group's id (0 = no groups, or all of them together),
``person`` a Moodle user id.
"""
