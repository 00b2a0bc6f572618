"""What the contract reserves: named in one table, and taken by both sides without a change in what they do.

``golden/reserved.json`` holds messages with every reserved name in them. A name that is filled loses its mark
in the schema, its row in the table and its sample there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract_sites import Site, call, upload
from pairs import FakeClock
from serving import Answer, Service, serving
from sqlalchemy import Engine
from workshop import Workshop, workshop

from moodle_bridge.contract import faults, names, schema
from moodle_bridge.moodle import signing
from moodle_bridge.pipeline.restore import restore
from moodle_bridge.resources import contract_dir
from moodle_bridge.sandbox.functions import PREFIX
from moodle_bridge.store import inbox, queue, records

GOLDEN = contract_dir() / "golden"
MESSAGES: list[dict[str, Any]] = json.loads((GOLDEN / "reserved.json").read_text("utf-8"))["messages"]
BEGIN, END = "<!-- reserved: begin -->\n", "<!-- reserved: end -->\n"
EMPTY_PDF = b"%PDF-1.7\n"


def title(message: dict[str, Any]) -> str:
    """The name of a sample in pytest's output."""
    return f"{message['schema']} {message.get('part', '')} {message['message'].get('type', '')}".strip()


def messages(part: str, *, functions: bool) -> list[Any]:
    """The samples of web-service functions, or of what the plugin sends over HTTP."""
    found = [
        each
        for each in MESSAGES
        if each.get("part") == part and schema(each["schema"])["title"].startswith(PREFIX) is functions
    ]
    return [pytest.param(each, id=title(each)) for each in found]


# -- the names themselves


def reserved(rule: object, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Every reserved name of a schema: path, meaning, and the issue that will fill it."""
    if isinstance(rule, list):
        for each in rule:
            yield from reserved(each, path)
    if not isinstance(rule, dict):
        return
    if "reserved" in rule:
        kind = rule.get("properties", {}).get("kind", {}).get("const", "")
        yield f"`kind` = `{kind}`" if kind else f"`{path}`", rule["description"], rule["reserved"]
        return
    for value, said in rule.get("reserved_values", {}).items():
        yield f"`{path}` = `{value}`", said["description"], said["reserved"]
    for name, inner in rule.get("properties", {}).items():
        yield from reserved(inner, f"{path}/{name}" if path else name)
    yield from reserved(rule.get("oneOf", []), path)
    yield from reserved(rule.get("items"), f"{path}[]")


def sender(name: str, part: str) -> str:
    """Which side sends a message."""
    if name == "common":
        return "plugin"
    if part in ("request", "answer"):
        asks = "service" if schema(name)["title"].startswith(PREFIX) else "plugin"
        return asks if part == "request" else {"service": "plugin", "plugin": "service"}[asks]
    return "service"


def table() -> list[str]:
    """The rows of the README's table, as the schemas say."""
    rows = []
    for name in names():
        whole = schema(name)
        places = [(part, rule, "") for part, rule in whole.get("$defs", {}).items()]
        for part, rule, path in [("", whole, ""), *places]:
            where = name if not part else part if name == "common" else f"{name} {part}"
            for field, meaning, issue in reserved(rule, path):
                rows.append(f"| {where} | {field} | {meaning} | {sender(name, part)} | {issue} |\n")
    return list(dict.fromkeys(rows))


def test_the_table_names_every_reserved_name_and_no_other() -> None:
    text = (contract_dir() / "README.md").read_text("utf-8")
    told = text[text.index(BEGIN) + len(BEGIN) : text.index(END)].splitlines(keepends=True)
    assert told[2:] == table()


def test_the_samples_hold_every_reserved_name() -> None:
    marked = {id(rule) for name in names() for rule in _marked(schema(name))}
    seen = {
        id(rule)
        for each in MESSAGES
        for rule in _met(_start(each), each["schema"], each["message"])
        if "reserved" in rule
    }
    assert marked
    assert seen == marked


def test_the_samples_hold_every_reserved_value() -> None:
    marked = {
        value
        for name in names()
        for rule in _rules(schema(name))
        for value in rule.get("reserved_values", {})
    }
    text = json.dumps(MESSAGES)
    assert marked
    assert [value for value in marked if f'"{value}"' not in text] == []


def _rules(rule: object) -> Iterator[dict[str, Any]]:
    """Every object of a schema."""
    if isinstance(rule, dict):
        yield rule
        for inner in rule.values():
            yield from _rules(inner)
    elif isinstance(rule, list):
        for inner in rule:
            yield from _rules(inner)


def _marked(rule: object) -> Iterator[dict[str, Any]]:
    return (
        each
        for each in _rules(rule)
        if "reserved" in each and ("type" in each or "enum" in each or "$ref" in each)
    )


def _start(message: dict[str, Any]) -> dict[str, Any]:
    whole = schema(message["schema"])
    part: dict[str, Any] = whole["$defs"][message["part"]] if "part" in message else whole
    return part


def _met(rule: dict[str, Any], file: str, value: object) -> Iterator[dict[str, Any]]:
    """The rules by which a value is looked at, those behind references too."""
    yield rule
    if "$ref" in rule:
        target, _, path = rule["$ref"].partition("#/$defs/")
        file = target.removesuffix(".schema.json") or file
        yield from _met(schema(file)["$defs"][path], file, value)
    if isinstance(value, dict):
        for name, inner in rule.get("properties", {}).items():
            if name in value:
                yield from _met(inner, file, value[name])
        for inner in rule.get("oneOf", []):
            if all(
                value.get(n) == r["const"] for n, r in inner.get("properties", {}).items() if "const" in r
            ):
                yield from _met(inner, file, value)
    if isinstance(value, list):
        for each in value:
            yield from _met(rule.get("items", {}), file, each)


# -- every message


@pytest.mark.parametrize("message", MESSAGES, ids=title)
def test_a_message_with_everything_reserved_fits_its_schema(message: dict[str, Any]) -> None:
    assert faults(message["schema"], message["message"], message.get("part")) == []


@pytest.mark.parametrize("message", messages("request", functions=True))
def test_moodle_answers_a_call_with_everything_reserved_as_one_without(
    site: Site, message: dict[str, Any]
) -> None:
    function = message["schema"]
    plain = json.loads((GOLDEN / f"ws-{function}.json").read_text("utf-8"))["parameters"]
    answers = []
    for parameters in (plain, message["message"]):
        session = site.create_session()
        known = {"session": session, "submission": site.submit(session, {"needs_now": ["n_practice"]})}
        given = {**parameters, **{name: known[name] for name in known if name in parameters}}
        if function == "store_document":
            given["draftitemid"] = upload(site, "document.pdf", EMPTY_PDF)[0]["itemid"]
            given |= {"size": len(EMPTY_PDF), "sha256": hashlib.sha256(EMPTY_PDF).hexdigest()}
            given["document"] = known["submission"]
        given.pop("contract")
        answer = call(site, function, **given)
        assert faults(function, answer, "answer") == []
        answers.append({name: value for name, value in answer.items() if name not in ("document", "stored")})
    assert answers[0] == answers[1]


@pytest.fixture
def shop(engine: Engine, tmp_path: Path, clock: FakeClock) -> Iterator[Workshop]:
    """The pipeline without workers, beside a fresh stand-in."""
    with workshop(engine, tmp_path, clock) as made:
        yield made


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A paired service."""
    with serving(tmp_path) as made:
        made.pair()
        yield made


def sent(service: Service, name: str, message: dict[str, Any]) -> Answer:
    """The answer to a message of the plugin, signed as its kind is."""
    path = schema(name)["title"].removeprefix("POST ")
    if name != "pair":
        return service.send(path, message)
    code = signing.new_pairing_code()
    service.open_code(code)
    return service.send(path, message, key=signing.pairing_key(code))


@pytest.mark.parametrize("message", messages("request", functions=False))
def test_the_service_answers_a_message_with_everything_reserved_as_one_without(
    service: Service, message: dict[str, Any]
) -> None:
    name = message["schema"]
    if name == "webhook":
        answer = sent(service, name, message["message"])
        assert (answer.status, answer.json()) == (202, {"received": "msg_1"})
        assert [job.key for job in queue.list_jobs(service.engine)] == ["sync"]
        assert inbox.count(service.engine) == 1
        return
    plain = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    answers = [
        sent(service, name, each) for each in (message["message"], json.loads(plain["request"]["body"]))
    ]
    assert answers[0].status == 200
    assert faults(name, answers[0].json(), "answer") == []
    assert answers[0].json().keys() == plain["answer"]["body"].keys()


# -- the pipeline, beside a Moodle that sends everything reserved


def overlaid(value: Any, plain: Any, full: Any) -> Any:
    """A value with what a sample has and its golden message has not."""
    if isinstance(value, dict) and isinstance(full, dict):
        more = {name: given for name, given in full.items() if name not in plain}
        return {name: overlaid(value[name], plain.get(name), full.get(name)) for name in value} | more
    if isinstance(value, list) and isinstance(full, list) and plain and full:
        return [overlaid(each, plain[0], full[0]) for each in value]
    return value


def with_strange_changes(page: dict[str, Any]) -> dict[str, Any]:
    """A page of changes that begins with those of every reserved kind."""
    if not page["changes"]:
        return page
    kinds = schema("get_changes")["$defs"]["answer"]["properties"]["changes"]["items"]["properties"]["kind"]
    strange = [page["changes"][0] | {"kind": kind, "action": "saved"} for kind in kinds["reserved_values"]]
    return {**page, "changes": [*strange, *page["changes"]]}


def test_the_pipeline_works_as_ever_beside_a_moodle_that_sends_everything_reserved(shop: Workshop) -> None:
    samples = {each["schema"]: each["message"] for each in MESSAGES if each.get("part") == "answer"}
    asked = [name for name in samples if (GOLDEN / f"ws-{name}.json").is_file()]
    assert {"get_changes", "get_participants", "get_submissions", "list_documents"} <= set(asked)
    for name in asked:
        plain = json.loads((GOLDEN / f"ws-{name}.json").read_text("utf-8"))["answer"]

        def told(answer: dict[str, Any], name: str = name, plain: dict[str, Any] = plain) -> dict[str, Any]:
            full = overlaid(answer, plain, samples[name])
            full = with_strange_changes(full) if name == "get_changes" else full
            assert faults(name, full, "answer") == []
            return full

        shop.moodle.lie(name, told)
    submission = shop.submit(shop.session())
    shop.sync()
    shop.work()
    assert shop.dead() == []
    assert [job.key for job in queue.list_jobs(shop.engine, "queued") if job.code] == []
    assert set(shop.documents(submission)) == {"full", "mentor"}
    assert restore(shop.context) == (1, 2)
    assert [record.id for record in records.submissions(shop.engine)] == [submission]
    shop.sync()
    shop.work()
    assert shop.dead() == []
