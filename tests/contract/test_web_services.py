"""The web services of the contract, asked in the plain way any client could; of every site alike."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import pytest
from contract_sites import Site, call, definition_of, post, upload

from moodle_bridge.contract import CONTRACT, faults, names, schema
from moodle_bridge.pipeline.names import document_id
from moodle_bridge.resources import contract_dir
from moodle_bridge.sandbox.functions import PREFIX

FUNCTIONS = sorted(path.name[3:-5] for path in (contract_dir() / "golden").glob("ws-*.json"))
NOBODY = "00000000-0000-4000-8000-000000000000"
ANSWERS = {"needs_now": ["n_practice"], "general_goals": [{"row": 1, "text": "Да започна работа"}]}
PDF = b"%PDF-1.7\n%stand-in\n" + bytes(range(256)) * 8


def golden(function: str) -> dict[str, Any]:
    """The recorded exchange of a function."""
    text = (contract_dir() / "golden" / f"ws-{function}.json").read_text(encoding="utf-8")
    exchange: dict[str, Any] = json.loads(text)
    return exchange


@pytest.fixture(scope="module")
def session(site: Site) -> str:
    """A session that the tests of this file share."""
    return site.create_session()


@pytest.fixture(scope="module")
def submission(site: Site, session: str) -> str:
    """A submission in that session."""
    return site.submit(session, ANSWERS)


def store(site: Site, session: str, submission: str, content: bytes = PDF, **changes: Any) -> dict[str, Any]:
    """Upload and store a document; ``changes`` replaces parameters."""
    parameters = {
        "session": session,
        "submission": submission,
        "document": document_id(submission, "full", "bg"),
        "variant": "full",
        "language": "bg",
        "filename": "S01 Моите цели и очаквания – Юлия Ангелова – v1.pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "answers_sha256": "b" * 64,
    }
    if "draftitemid" not in changes:
        parameters["draftitemid"] = upload(site, "document.pdf", content)[0]["itemid"]
    return call(site, "store_document", **(parameters | changes))


def trial_definition() -> dict[str, str]:
    """The definition of a form that no session has; another one each time."""
    entry = definition_of("mentee_initial")
    content = {
        **json.loads(entry["content"]),
        "instrument": "trial_form",
        "title": f"Проба <3 {uuid.uuid4()}",
    }
    text = json.dumps(content, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {**entry, "instrument": "trial_form", "content": text, "sha256": digest}


def end_of(site: Site) -> int:
    """The cursor after everything that has happened so far."""
    cursor, more = 0, True
    while more:
        page = call(site, "get_changes", cursor=cursor, limit=1000)
        cursor, more = page["cursor"], page["more"]
    return int(cursor)


# -- every exchange


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_golden_exchange_works_with_ids_of_this_site(
    site: Site, session: str, submission: str, function: str
) -> None:
    parameters = golden(function)["parameters"]
    if function == "store_document":
        answer = store(site, session, site.submit(session, ANSWERS))
    else:
        known = {"session": session, "submission": submission}
        parameters |= {key: known[key] for key in known if parameters.get(key)}
        if "ids" in parameters:
            parameters["ids"] = [submission]
        if "definitions" in parameters:
            # Under a name of its own: the site's real forms stay as they are.
            parameters["definitions"] = [trial_definition()]
        parameters.pop("contract")
        answer = call(site, function, **parameters)
    assert faults(function, answer, "answer") == []
    assert answer.keys() == golden(function)["answer"].keys()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_another_version_of_the_contract_is_refused(site: Site, function: str) -> None:
    parameters = golden(function)["parameters"] | {"contract": CONTRACT + 1}
    answer = post(site, {"wstoken": site.token, "wsfunction": PREFIX + function}, parameters)
    assert answer["errorcode"] == "contractmismatch"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_unknown_parameter_is_refused(site: Site, function: str) -> None:
    answer = call(site, function, **{**golden(function)["parameters"], "more": "1"})
    assert answer["errorcode"] == "invalidparameter"


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        ("get_changes", {"cursor": "soon", "limit": 5}),
        ("get_changes", {"limit": 5}),
        ("get_submissions", {"ids": "one"}),
        ("put_personal", {"items": []}),
        ("put_definitions", {"definitions": [{"instrument": "mentee_initial"}]}),
    ],
)
def test_a_malformed_parameter_is_refused(site: Site, function: str, parameters: dict[str, Any]) -> None:
    assert call(site, function, **parameters)["errorcode"] == "invalidparameter"


def test_every_web_service_of_the_contract_has_a_golden_exchange() -> None:
    titles = {schema(name)["title"] for name in names()}
    assert {PREFIX + function for function in FUNCTIONS} == {t for t in titles if t.startswith(PREFIX)}


# -- token and function


def test_a_wrong_token_is_an_exception_with_status_200(site: Site) -> None:
    answer = post(site, {"wstoken": "0" * 32, "wsfunction": PREFIX + "get_changes"}, {"contract": CONTRACT})
    assert answer["errorcode"] == "invalidtoken"
    assert answer["exception"]
    assert answer["message"]


def test_a_wrong_token_is_refused_by_the_upload_too(site: Site) -> None:
    answer = upload(site, "document.pdf", PDF, token="0" * 32)
    assert answer["errorcode"] == "invalidtoken"


def test_an_unknown_function_is_an_exception(site: Site) -> None:
    answer = call(site, "get_everything")
    assert answer["errorcode"] in ("invalidrecord", "invalidrecordunknown", "accessexception")


def test_moodle_takes_a_token_in_the_address_although_our_client_never_sends_it_there(site: Site) -> None:
    answer = post(
        site,
        {"wsfunction": PREFIX + "get_changes"},
        {"contract": CONTRACT, "cursor": 0, "limit": 0},
        {"wstoken": site.token},
    )
    assert faults("get_changes", answer, "answer") == []


# -- what is not there


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        ("get_participants", {}),
        ("list_documents", {}),
        ("get_submissions", {"ids": []}),
        ("put_personal", {"items": golden("put_personal")["parameters"]["items"]}),
        ("put_summary", {"items": golden("put_summary")["parameters"]["items"]}),
    ],
)
def test_a_session_that_is_not_there_has_its_own_code(
    site: Site, function: str, parameters: dict[str, Any]
) -> None:
    assert call(site, function, session=NOBODY, **parameters)["errorcode"] == "sessionmissing"


def test_a_submission_that_is_not_there_is_named_as_missing(site: Site, submission: str) -> None:
    answer = call(site, "get_submissions", ids=[NOBODY, submission], session="")
    assert [each["id"] for each in answer["submissions"]] == [submission]
    assert answer["missing"] == [NOBODY]


def test_a_problem_of_a_submission_that_is_not_there_is_refused(site: Site, session: str) -> None:
    parameters = golden("report_problem")["parameters"] | {"session": session, "submission": NOBODY}
    parameters.pop("contract")
    assert call(site, "report_problem", **parameters)["errorcode"] == "submissionmissing"


# -- the change sequence


def test_a_limit_of_zero_only_greets(site: Site, session: str) -> None:
    answer = call(site, "get_changes", cursor=0, limit=0)
    assert answer["changes"] == []
    assert answer["sessions"] == []
    assert answer["cursor"] == 0
    assert answer["site"] == site.url


def test_pages_of_one_give_the_same_sequence_as_one_page(site: Site) -> None:
    start = end_of(site)
    session = site.create_session()
    site.submit(session, ANSWERS)
    whole = call(site, "get_changes", cursor=start, limit=100)
    assert whole["more"] is False
    paged, cursor = [], start
    for _ in range(len(whole["changes"])):
        page = call(site, "get_changes", cursor=cursor, limit=1)
        paged += page["changes"]
        cursor = page["cursor"]
    assert page["more"] is False
    assert paged == whole["changes"]
    assert cursor == whole["cursor"]


def test_a_session_and_a_submission_stand_in_the_sequence_in_their_order(site: Site) -> None:
    start = end_of(site)
    session = site.create_session()
    submission = site.submit(session, ANSWERS)
    page = call(site, "get_changes", cursor=start, limit=100)
    told = [(each["kind"], each["action"], each["id"]) for each in page["changes"]]
    assert told.index(("session", "saved", session)) < told.index(("submission", "saved", submission))
    assert [each["seq"] for each in page["changes"]] == sorted({each["seq"] for each in page["changes"]})
    assert session in [each["id"] for each in page["sessions"]]


def test_the_end_of_the_sequence_stays_where_it_is(site: Site) -> None:
    end = end_of(site)
    first, again = (call(site, "get_changes", cursor=end, limit=10) for _ in range(2))
    assert first["changes"] == again["changes"] == []
    assert first["cursor"] == again["cursor"] == end
    assert first["feed"] == again["feed"]


def test_what_was_deleted_leaves_a_tombstone(site: Site) -> None:
    session = site.create_session()
    first, second = site.submit(session, ANSWERS), site.submit(session, ANSWERS)
    start = end_of(site)
    site.delete_submission(second)
    site.delete_session(session)
    page = call(site, "get_changes", cursor=start, limit=100)
    told = [(each["kind"], each["action"], each["id"]) for each in page["changes"]]
    assert ("submission", "deleted", second) in told
    assert ("session", "deleted", session) in told
    assert session not in [each["id"] for each in page["sessions"]]
    assert call(site, "get_submissions", ids=[first], session="")["missing"] == [first]
    assert call(site, "list_documents", session=session)["errorcode"] == "sessionmissing"


def test_closing_a_session_is_told_with_the_time(site: Site) -> None:
    session = site.create_session()
    start = end_of(site)
    site.close_session(session)
    page = call(site, "get_changes", cursor=start, limit=100)
    assert ("session", "closed", session) in [(c["kind"], c["action"], c["id"]) for c in page["changes"]]
    assert next(each for each in page["sessions"] if each["id"] == session)["closed"] > 0


# -- answers and versions

TEXTS = {
    "less-than signs that Moodle's cleaning would eat": "оценка <3 и 2<5, <b>получер</b> & „кавички“",
    "emoji and combining marks": "👩‍🏫🎉 е́ и́ Ѝ",
    "60,000 characters": "Щастие и труд. " * 4000,
    "lines": "първи ред\nвтори\n\nчетвърти\tс табулация",
    "another alphabet": "Ελληνικά, العربية, עברית, 中文",
    "backslashes and quotes": r"C:\път\n \" ' %D1%89 &amp; &#1097;",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_text_comes_out_exactly_as_it_was_typed(site: Site, session: str, text: str) -> None:
    submission = site.submit(session, {"needs_text": text})
    found = call(site, "get_submissions", ids=[submission], session="")["submissions"][0]
    assert json.loads(found["answers"]) == {"needs_text": text}


def test_a_second_submission_is_version_two_and_supersedes_the_first(site: Site) -> None:
    session = site.create_session()
    first, second = site.submit(session, ANSWERS), site.submit(session, {"needs_now": ["n_other"]})
    answer = call(site, "get_submissions", ids=[], session=session)
    found = {each["id"]: each for each in answer["submissions"]}
    assert (found[first]["version"], found[first]["state"]) == (1, "superseded")
    assert (found[second]["version"], found[second]["state"]) == (2, "submitted")
    assert answer["sessions"][0]["id"] == session


def pages(site: Site, **asked: Any) -> list[list[str]]:
    """The ids on every page of submissions, asked for until there is no more."""
    found, after, more = [], 0, True
    while more:
        page = call(site, "get_submissions", after=after, **asked)
        assert faults("get_submissions", page, "answer") == []
        found.append([each["id"] for each in page["submissions"]])
        after, more = page["after"], page["more"]
        assert len(found) < 20
    return found


@pytest.mark.parametrize("by", ["session", "ids"])
def test_pages_of_submissions_give_every_one_once_and_in_order(site: Site, by: str) -> None:
    session = site.create_session()
    made = [site.submit(session, {"needs_text": f"№ {number}"}) for number in range(5)]
    asked: dict[str, Any] = {"session": session} if by == "session" else {"ids": [*reversed(made), NOBODY]}
    assert pages(site, **asked) == [made]
    assert pages(site, limit=2, **asked) == [made[:2], made[2:4], made[4:]]
    assert pages(site, limit=5, **asked) == [made]


def test_what_comes_while_pages_are_read_stands_on_a_later_one(site: Site) -> None:
    session = site.create_session()
    first, second = (site.submit(session, ANSWERS) for _ in range(2))
    page = call(site, "get_submissions", session=session, limit=1)
    third = site.submit(session, ANSWERS)
    site.delete_submission(first)
    rest = call(site, "get_submissions", session=session, after=page["after"], limit=10)
    assert [each["id"] for each in rest["submissions"]] == [second, third]
    assert rest["more"] is False


def test_what_is_missing_is_named_on_every_page(site: Site, session: str) -> None:
    made = [site.submit(session, ANSWERS) for _ in range(2)]
    for after in (0, call(site, "get_submissions", ids=made, limit=1)["after"]):
        page = call(site, "get_submissions", ids=[NOBODY, *made], after=after, limit=1)
        assert page["missing"] == [NOBODY]


def test_long_answers_end_a_page_early_and_every_page_has_one(site: Site) -> None:
    session = site.create_session()
    made = [site.submit(session, {"needs_text": "Щастие и труд. " * 75_000}) for _ in range(4)]
    found = pages(site, session=session)
    assert [each for page in found for each in page] == made
    assert len(found) > 1
    assert all(found)


@pytest.mark.parametrize("wrong", [{"after": -1}, {"limit": 0}, {"limit": 101}, {"limit": "all"}])
def test_a_page_that_cannot_be_is_refused(site: Site, session: str, wrong: dict[str, Any]) -> None:
    assert call(site, "get_submissions", session=session, **wrong)["errorcode"] == "invalidparameter"


def test_participants_come_with_roles_groups_and_the_group_mode(site: Site, session: str) -> None:
    answer = call(site, "get_participants", session=session)
    roles = {role for person in answer["participants"] for role in person["roles"]}
    assert roles == {"mentee", "mentor", "coordinator"}
    shown = {group["id"] for group in answer["groups"]}
    assert all(set(person["groups"]) <= shown for person in answer["participants"])
    assert answer["groupmode"] == "separate"


# -- what is pushed


def test_a_definition_that_is_there_already_is_counted_as_the_same(site: Site) -> None:
    entry = trial_definition()
    assert call(site, "put_definitions", definitions=[entry]) == {"stored": 1, "same": 0}
    assert call(site, "put_definitions", definitions=[entry]) == {"stored": 0, "same": 1}


@pytest.mark.parametrize("function", ["put_personal", "put_summary"])
def test_only_a_newer_revision_replaces_what_was_pushed(site: Site, function: str) -> None:
    session = site.create_session()
    item: dict[str, Any] = dict(golden(function)["parameters"]["items"][0])
    for revision, expected in ((5, (1, 0)), (5, (0, 1)), (4, (0, 1)), (6, (1, 0))):
        answer = call(site, function, session=session, items=[item | {"revision": revision}])
        assert (answer["stored"], answer["ignored"]) == expected, revision


@pytest.mark.parametrize("function", ["put_personal", "put_summary"])
def test_what_a_push_of_all_there_is_does_not_name_is_withdrawn_with_its_last_part(
    site: Site, function: str
) -> None:
    session = site.create_session()
    item: dict[str, Any] = dict(golden(function)["parameters"]["items"][0]) | {"group": 1}
    items = [item | {"user": user, "revision": 1} for user in (101, 102, 103, 104)]
    name = {key: item[key] for key in golden(function)["parameters"]["unchanged"][0]}
    elsewhere = item | {"user": 105, "group": 2, "revision": 1}

    def put(**more: Any) -> tuple[int, int, int]:
        answer = call(site, function, session=session, **more)
        return answer["stored"], answer["ignored"], answer["withdrawn"]

    assert put(items=[*items, elsewhere]) == (5, 0, 0)
    scope = {"scope": "group", "group": 1, "revision": 3}
    changed = {"items": [item | {"user": 101, "revision": 3}], "unchanged": []}
    assert put(**scope, **changed, part=1, last=False) == (1, 0, 0)
    assert put(**scope, items=[], unchanged=[name | {"user": 102}], part=2, last=True) == (0, 0, 2)
    # An older push that came late takes away nothing and brings back nothing.
    old = {"scope": "session", "group": 0, "revision": 2, "unchanged": []}
    assert put(**old, items=[item | {"user": 103, "revision": 2}], part=1, last=True) == (0, 1, 1)
    # What is named again stands again: the rest of the session goes.
    new = {"scope": "session", "group": 0, "revision": 5}
    again = [item | {"user": user, "revision": 5} for user in (103, 101)]
    assert put(**new, items=again, unchanged=[name | {"user": 102}], part=1, last=True) == (2, 0, 0)
    refused = call(
        site, function, session=session, **(new | {"revision": 6}), items=[], unchanged=[], part=2, last=True
    )
    assert refused["errorcode"] == "partmissing"
    assert put(**(new | {"revision": 7}), items=[], unchanged=[], part=1, last=True) == (0, 0, 3)


def test_a_problem_reopens_the_newest_version_and_a_solved_one_leaves_it(site: Site) -> None:
    session = site.create_session()
    first = site.submit(session, ANSWERS)
    parameters = golden("report_problem")["parameters"] | {"session": session}
    parameters.pop("contract")

    def report(submission: str, state: str) -> bool:
        answer = call(site, "report_problem", **(parameters | {"submission": submission, "state": state}))
        return bool(answer["reopened"])

    assert report(first, "open") is True
    # Told once more, it stays open for its author; whether that counts as reopening is the site's to say.
    report(first, "open")
    found = call(site, "get_submissions", ids=[first], session="")["submissions"][0]
    assert found["state"] == "reopened"
    second = site.submit(session, ANSWERS)
    assert report(first, "open") is False
    assert report(second, "solved") is False
    states = {
        s["id"]: s["state"] for s in call(site, "get_submissions", ids=[], session=session)["submissions"]
    }
    assert states == {first: "superseded", second: "submitted"}


def test_a_problem_does_not_reopen_anything_in_a_closed_session(site: Site) -> None:
    session = site.create_session()
    submission = site.submit(session, ANSWERS)
    site.close_session(session)
    parameters = golden("report_problem")["parameters"] | {"session": session, "submission": submission}
    parameters.pop("contract")
    assert call(site, "report_problem", **parameters)["reopened"] is False


# -- documents


def test_storing_the_same_document_twice_is_one_document(site: Site) -> None:
    session = site.create_session()
    submission = site.submit(session, ANSWERS)
    first = store(site, session, submission)
    second = store(site, session, submission)
    assert (first["outcome"], second["outcome"]) == ("stored", "same")
    assert second["stored"] == first["stored"]
    listed = call(site, "list_documents", session=session)["documents"]
    assert [each["document"] for each in listed] == [first["document"]]
    assert listed[0]["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert listed[0]["size"] == len(PDF)
    assert listed[0]["filename"] == "S01 Моите цели и очаквания – Юлия Ангелова – v1.pdf"
    assert listed[0]["state"] == "current"


def test_documents_are_listed_page_by_page(site: Site) -> None:
    session = site.create_session()
    stored = [store(site, session, site.submit(session, ANSWERS))["document"] for _ in range(3)]
    found: list[str] = []
    after, more, pages = 0, True, 0
    while more:
        page = call(site, "list_documents", session=session, after=after, limit=2)
        found += [each["document"] for each in page["documents"]]
        assert page["after"] > after
        after, more, pages = page["after"], page["more"], pages + 1
    assert (found, pages) == (stored, 2)
    beyond = call(site, "list_documents", session=session, after=after, limit=2)
    assert (beyond["documents"], beyond["after"], beyond["more"]) == ([], after, False)


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 501}, {"after": -1}], ids=str)
def test_a_page_of_documents_that_cannot_be_is_refused(site: Site, wrong: dict[str, int]) -> None:
    answer = call(site, "list_documents", session=site.create_session(), **wrong)
    assert answer["errorcode"] == "invalidparameter"


def test_other_content_under_the_same_id_is_refused_and_changes_nothing(site: Site) -> None:
    session = site.create_session()
    submission = site.submit(session, ANSWERS)
    store(site, session, submission)
    assert store(site, session, submission, PDF + b"more")["errorcode"] == "documentexists"
    listed = call(site, "list_documents", session=session)["documents"]
    assert [each["sha256"] for each in listed] == [hashlib.sha256(PDF).hexdigest()]


@pytest.mark.parametrize("changes", [{"size": 7}, {"sha256": "c" * 64}])
def test_a_file_other_than_the_one_announced_is_refused(site: Site, changes: dict[str, Any]) -> None:
    session = site.create_session()
    submission = site.submit(session, ANSWERS)
    assert store(site, session, submission, **changes)["errorcode"] == "hashmismatch"
    assert call(site, "list_documents", session=session)["documents"] == []


def test_a_draft_that_is_not_there_is_refused(site: Site, session: str, submission: str) -> None:
    answer = store(
        site,
        session,
        submission,
        document=document_id(submission, "mentor", "bg"),
        variant="mentor",
        draftitemid=999_999_999,
    )
    assert answer["errorcode"] == "draftmissing"


def test_a_document_of_an_unknown_session_or_submission_is_refused(
    site: Site, session: str, submission: str
) -> None:
    assert store(site, NOBODY, submission)["errorcode"] == "sessionmissing"
    assert store(site, session, NOBODY)["errorcode"] == "submissionmissing"


def test_the_document_of_an_older_version_is_marked_superseded(site: Site) -> None:
    session = site.create_session()
    first = site.submit(session, ANSWERS)
    store(site, session, first)
    second = site.submit(session, ANSWERS)
    store(site, session, second)
    listed = call(site, "list_documents", session=session)["documents"]
    assert {each["submission"]: each["state"] for each in listed} == {first: "superseded", second: "current"}


def test_the_document_of_a_deleted_submission_leaves_its_hash(site: Site) -> None:
    session = site.create_session()
    submission = site.submit(session, ANSWERS)
    store(site, session, submission)
    site.delete_submission(submission)
    listed = call(site, "list_documents", session=session)["documents"]
    assert [(each["state"], each["sha256"]) for each in listed] == [
        ("erased", hashlib.sha256(PDF).hexdigest())
    ]
