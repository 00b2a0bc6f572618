"""pages"""
from flask import Blueprint
from moodle_bridge.sandbox.world import World
def pages(world: World, url: str) -> Blueprint:
    return Blueprint("pages", __name__)
