"""Pairing codes count once and for a while; a site paired again honours its old secret for a day."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from moodle_bridge.errors import BadPairingCode, SecondSite
from moodle_bridge.store import pairing
from moodle_bridge.store.pairing import Pairing

NOW = 1_000_000.0
DAY = 86_400.0
SITE = Pairing(
    site="https://moodle.example",
    site_name="Училище",
    token="t" * 32,
    secrets=(("whsec_first", None),),
    language="bg",
    moodle_release="4.5.6",
    plugin_release="0.1",
    paired_at=NOW,
)


OTHER = replace(SITE, site="https://other.example")


def pair(engine: Engine, new: Pairing, now: float = NOW, *, replaces: bool = False) -> Pairing:
    return pairing.pair(engine, pairing.new_code(engine, b"key", now, 3600, replaces=replaces), new, now)


def test_nothing_is_paired_at_first(engine: Engine) -> None:
    assert pairing.current(engine) is None
    assert not pairing.forget(engine)


def test_a_pairing_reads_back_as_it_was(engine: Engine) -> None:
    assert pair(engine, SITE) == SITE == pairing.current(engine)


def test_a_code_counts_until_its_time_is_up(engine: Engine) -> None:
    code = pairing.new_code(engine, b"\x00key", NOW, 3600)
    assert pairing.open_codes(engine, NOW + 3599) == [(code, b"\x00key")]
    assert pairing.open_codes(engine, NOW + 3600) == []
    with pytest.raises(BadPairingCode):
        pairing.pair(engine, code, SITE, NOW + 3600)
    assert pairing.current(engine) is None


def test_a_code_counts_once(engine: Engine) -> None:
    code = pairing.new_code(engine, b"key", NOW, 3600)
    pairing.pair(engine, code, SITE, NOW)
    assert pairing.open_codes(engine, NOW) == []
    with pytest.raises(BadPairingCode):
        pairing.pair(engine, code, replace(SITE, token="stolen"), NOW)
    assert pairing.current(engine) == SITE


@pytest.mark.parametrize(
    ("site", "after", "count"),
    [
        (SITE.site, 0.0, ("whsec_second", "whsec_first")),
        (SITE.site, DAY - 1, ("whsec_second", "whsec_first")),
        (SITE.site, DAY, ("whsec_second",)),
        (OTHER.site, 0.0, ("whsec_second",)),
    ],
    ids=["same site, at once", "same site, within a day", "same site, later", "another site"],
)
def test_which_secrets_count_after_pairing_again(
    engine: Engine, site: str, after: float, count: tuple[str, ...]
) -> None:
    pair(engine, SITE)
    pair(engine, replace(SITE, site=site, secrets=(("whsec_second", None),)), replaces=site != SITE.site)
    found = pairing.current(engine)
    assert found is not None
    assert found.site == site
    assert found.secrets_at(NOW + after) == count


def test_another_site_is_refused_and_takes_nothing(engine: Engine) -> None:
    pair(engine, SITE)
    code = pairing.new_code(engine, b"key", NOW, 3600)
    with pytest.raises(SecondSite, match=SITE.site):
        pairing.pair(engine, code, OTHER, NOW)
    assert pairing.current(engine) == SITE
    assert pairing.open_codes(engine, NOW) == [(code, b"key")], "the code is still good for the first site"
    pairing.pair(engine, code, replace(SITE, token="new"), NOW)


def test_a_code_that_replaces_is_good_for_another_site_once(engine: Engine) -> None:
    pair(engine, SITE)
    assert pair(engine, OTHER, replaces=True) == OTHER
    with pytest.raises(SecondSite):
        pair(engine, SITE)


def test_using_a_code_voids_all_others(engine: Engine) -> None:
    pairing.new_code(engine, b"older", NOW, 3600, replaces=True)
    pair(engine, SITE)
    assert pairing.open_codes(engine, NOW) == []
    with pytest.raises(SecondSite):
        pair(engine, OTHER)


def test_after_the_first_site_unpaired_another_may_pair(engine: Engine) -> None:
    pair(engine, SITE)
    pairing.forget(engine)
    assert pair(engine, OTHER) == OTHER


def test_an_old_secret_is_not_honoured_longer_because_the_site_is_paired_a_third_time(engine: Engine) -> None:
    pair(engine, SITE)
    pair(engine, replace(SITE, secrets=(("whsec_second", None),)))
    found = pair(engine, replace(SITE, secrets=(("whsec_third", None),)), NOW + DAY / 2)
    assert found.secrets == (
        ("whsec_third", None),
        ("whsec_second", NOW + DAY * 1.5),
        ("whsec_first", NOW + DAY),
    )


def test_a_pairing_shows_neither_token_nor_secret_when_printed() -> None:
    assert "ttt" not in repr(SITE)
    assert "whsec" not in repr(SITE)


def test_an_unpaired_site_is_forgotten(engine: Engine) -> None:
    pair(engine, SITE)
    assert pairing.forget(engine)
    assert pairing.current(engine) is None
