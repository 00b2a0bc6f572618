"""What the monitoring instruments are and what was answered: plain functions on frozen dataclasses.

No clock, no database, no Moodle, no PDF; only :mod:`instrument.read` opens files, once, at start. The rooms,
each of which knows only those before it:

``instrument``
    What a form is. :func:`instrument.read.catalogue.load` reads ``config/``.
``course``
    What happened. A :class:`course.model.Process` is one course at one moment: cheap to build, built anew
    after every event; a :class:`course.frame.Frame` is one session of it, in one group or in all.
``answers``
    What was answered: tidied and checked (:func:`answers.check.validate`), cut for its readers
    (:func:`answers.visibility.visible`).
``session``
    One session seen by one audience (:class:`session.view.View`): :func:`session.summary.summary`,
    :func:`session.signals.signals`.
``carryover``
    What the next form brings: :func:`carryover.personal.personal`, for whom
    (:func:`carryover.personal.expected`).
"""

from moodle_bridge.domain.carryover import personal as _registering  # noqa: F401 - and all that it rests on
