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
    :func:`session.followed.followed`.
``carryover``
    What the next form brings: :func:`carryover.personal.personal`, for whom
    (:func:`carryover.personal.expected`).
"""

from moodle_bridge.domain.carryover import personal as _forms  # noqa: F401 - registers, with all it rests on
from moodle_bridge.domain.session import signal_rules as _rules  # noqa: F401 - registers
from moodle_bridge.domain.session import signal_words as _words  # noqa: F401 - registers
