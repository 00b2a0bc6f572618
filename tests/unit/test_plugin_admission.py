"""The plugin's web services answer nobody but the service."""

from __future__ import annotations

import json

from bare_php import run_php


def test_no_function_of_the_service_answers_without_its_capability() -> None:
    answers = json.loads(run_php("admission.php"))
    assert len(answers) >= 9
    assert answers == dict.fromkeys(answers, "refused mod/monitoringsession:service")
