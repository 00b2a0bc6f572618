"""Affine transformations of the plane as PDF writes them: six numbers, row vectors (8.3.4)."""

from __future__ import annotations

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """The transformation that applies ``first``, then ``second``."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def invert(matrix: Matrix) -> Matrix:
    """The inverse; :class:`ZeroDivisionError` for a matrix that flattens the plane."""
    a, b, c, d, e, f = matrix
    determinant = a * d - b * c
    return (
        d / determinant,
        -b / determinant,
        -c / determinant,
        a / determinant,
        (c * f - d * e) / determinant,
        (b * e - a * f) / determinant,
    )


def upright(rotation: int, box: tuple[float, float, float, float]) -> tuple[Matrix, float, float]:
    """Map coordinates of a rotated box to the page's; return the matrix with the box's width and height.

    ``rotation`` is counter-clockwise in degrees (``/MK /R`` of a widget); ``box`` is (left, bottom,
    right, top) in the page's coordinates.
    """
    left, bottom, right, top = box
    width, height = right - left, top - bottom
    if rotation % 360 == 90:
        return (0.0, 1.0, -1.0, 0.0, right, bottom), height, width
    if rotation % 360 == 180:
        return (-1.0, 0.0, 0.0, -1.0, right, top), width, height
    if rotation % 360 == 270:
        return (0.0, -1.0, 1.0, 0.0, left, top), height, width
    return (1.0, 0.0, 0.0, 1.0, left, bottom), width, height
