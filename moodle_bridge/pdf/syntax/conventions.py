"""What templates and the documents made from them agree on: names, marks in the content, the foot."""

from __future__ import annotations

import re

FONT = "/Answers"
"""Resource name of the font in which answers are set."""
INK = "0.05 0.1 0.25 rg"
"""Colour of answers: a blue so dark that it prints like black."""
MUTED = "0.4 0.44 0.5 rg"
"""Colour of what the engine says itself: not answered, continued on page."""
PAGE_MARK = b"%@page\n"
"""What follows on a page is its number in the blank form; a filled document has its own foot."""
ANSWER_MARK = re.compile(rb"\n%@(\d+) ([-\d. ]+)\n")
"""Where a widget's answer stands in the page's content: its index among the page's annotations and
the transformation in force there."""
FOOT = (48.2, 30.0, 498.9, 9.0)
"""Left, lower baseline, width and leading of the foot of a page, in points."""
FOOT_SIZE = 7.0
FOOT_AT = "/FootAt"
"""Entry of a page of a brought form: how many points over its edge the foot's lower baseline stands, and how
many points a unit of the page is. Documents do not have it."""
TICK = "\u2713"
DISC = "\u25cf"
ATTACHMENT = "answers.json"
