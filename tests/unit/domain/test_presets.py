from __future__ import annotations

import pytest

from moodle_bridge.domain.instrument import presets
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.errors import InstrumentError


def test_the_full_set_is_everything_but_the_anonymous_survey(catalogue: Catalogue) -> None:
    assert presets.chosen(catalogue) == tuple(catalogue.instruments)[:-1]


def test_the_small_preset_still_serves_every_aim(catalogue: Catalogue) -> None:
    chosen = presets.chosen(catalogue, "small")
    assert len(chosen) == 7
    served = {
        tag for name in chosen for item in catalogue.instruments[name].items for tag in item.extra["serves"]
    }
    wanted = {f"S{n}" for n in range(1, 12)} | {f"A{n}" for n in range(1, 4)} | {f"O{n}" for n in range(1, 6)}
    assert wanted - served == set()


def test_single_instruments_can_be_switched_on_and_off(catalogue: Catalogue) -> None:
    chosen = presets.chosen(catalogue, "small", on=["mentor_observation"], off=["monitoring_plan"])
    assert "mentor_observation" in chosen
    assert "monitoring_plan" not in chosen
    assert presets.in_session(catalogue, chosen, "interim") == (
        "mentee_interim",
        "mentor_observation",
        "session_protocol",
    )


@pytest.mark.parametrize(
    ("preset", "on", "reason"),
    [
        ("tiny", [], "no preset"),
        ("small", ["nothing"], "no instrument"),
        ("full", ["anonymous_feedback"], "anonymous"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    catalogue: Catalogue, preset: str, on: list[str], reason: str
) -> None:
    with pytest.raises(InstrumentError, match=reason):
        presets.chosen(catalogue, preset, on=on)
