"""A small stand-in Moodle over real HTTP, for the demo and the tests.

It speaks the contract (``moodle_bridge/contract/``) with Moodle's quirks and has pages of its own. Only the
command line and the tests import it; it imports nothing of the service but contract, signing, conditions
and errors, so that both sides meet over HTTP alone.
"""
