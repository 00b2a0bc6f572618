"""The name under which pypdf's objects go here.

pypdf types every value of a dictionary as any object at all or none, so each step down a document
would need a cast; what a template holds is checked by reading it instead.
"""

from __future__ import annotations

from typing import Any

from pypdf.generic import IndirectObject

Node = Any
"""A dictionary, array, reference, stream or number of pypdf."""


def resolve(value: Node) -> Node:
    """What a reference refers to, through chains of references; anything else as it is."""
    for _ in range(32):
        if not isinstance(value, IndirectObject):
            return value
        value = value.get_object()
    return None
