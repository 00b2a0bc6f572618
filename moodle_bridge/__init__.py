"""Moodle Bridge: files the forms of mentoring monitoring sessions as archival PDF documents."""

__version__ = "0.1.0"
