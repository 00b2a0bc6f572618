"""Copies: backup and restore keep forms and documents and tell nobody; a copy of the site stays silent."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from people import ADMINISTRATOR, Person
from site_under_test import Service, Site, wait_for


@pytest.fixture(scope="module")
def restored(
    site: Site, archived: dict[str, Any], course: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The session in a course that Moodle's own tools backed up and restored."""
    site.act("deliver")
    before = site.counts("monitoringsession_outbox", "task_adhoc", "notifications")
    folder = tmp_path_factory.mktemp("backup")
    folder.chmod(0o777)
    site.php("backup.php", f"--courseid={course['course']}", f"--destination={folder}")
    [file] = folder.glob("*.mbz")
    site.php("restore_backup.php", f"--file={file}", "--categoryid=1")
    [row] = site.rows("monitoringsession", origin=archived["uuid"])
    after = site.counts("monitoringsession_outbox", "task_adhoc", "notifications")
    cmid = site.act("cm", instance=int(row["id"]))
    return {"row": row, "instance": int(row["id"]), "cmid": cmid, "before": before, "after": after}


def test_a_restored_session_has_the_forms_and_documents_under_new_ids(
    site: Site, session: dict[str, Any], restored: dict[str, Any]
) -> None:
    for table, kept in (
        ("submission", ("answers", "version", "userid")),
        ("document", ("sha256", "variant")),
    ):
        old = site.rows(f"monitoringsession_{table}", monitoringsession=session["instance"])
        new = site.rows(f"monitoringsession_{table}", monitoringsession=restored["instance"])
        assert old
        assert sorted([row[key] for key in kept] for row in new) == sorted(
            [row[key] for key in kept] for row in old
        )
        assert not {row["uuid"] for row in old} & {row["uuid"] for row in new}


def test_a_restored_document_opens_for_whom_it_opened_before_and_is_the_same_file(
    site: Site, people: dict[str, Person], restored: dict[str, Any]
) -> None:
    page = people["mentee"].session(restored["cmid"])
    link = page.locator(".monitoringsession-document a").first.get_attribute("href")
    content = people["mentee"].download(link)
    stored = site.rows("monitoringsession_document", monitoringsession=restored["instance"])
    assert hashlib.sha256(content).hexdigest() in {row["sha256"] for row in stored}
    assert {role for role, person in people.items() if person.status(link) == 200} == {
        "mentee",
        "coordinator",
    }


def test_restoring_tells_nobody(restored: dict[str, Any]) -> None:
    after = dict(restored["after"])
    assert after["notifications"] == restored["before"]["notifications"]
    assert after["monitoringsession_outbox"] - restored["before"]["monitoringsession_outbox"] <= 1, (
        "one hint that the people of the new course are known, none about forms"
    )


def test_a_form_submitted_in_the_restored_session_gets_its_document(
    site: Site, people: dict[str, Person], restored: dict[str, Any]
) -> None:
    site.act("deliver")
    mentee = people["mentee"]
    held = mentee.session(restored["cmid"]).locator(".monitoringsession-document").count()
    mentee.change_first_form(restored["cmid"], "Цел след възстановяването")
    mentee.submit()
    mentee.see_documents(held + 1)


def test_a_deleted_session_comes_back_from_the_recycle_bin_with_its_documents(
    site: Site, people: dict[str, Person], restored: dict[str, Any]
) -> None:
    documents = site.rows("monitoringsession_document", monitoringsession=restored["instance"])
    site.act("to_recycle_bin", cmid=restored["cmid"])
    assert not site.rows("monitoringsession", id=restored["instance"])
    site.act("from_recycle_bin", course=int(restored["row"]["course"]))
    rows = site.rows("monitoringsession", course=int(restored["row"]["course"]), name=restored["row"]["name"])
    [row] = [each for each in rows if each["kind"] == "initial" and each["planned"] == "0"]
    again = site.rows("monitoringsession_document", monitoringsession=int(row["id"]))
    assert sorted(each["sha256"] for each in again) == sorted(each["sha256"] for each in documents)
    page = people["mentee"].session(site.act("cm", instance=int(row["id"])))
    link = page.locator(".monitoringsession-document a").first.get_attribute("href")
    assert people["mentee"].download(link).startswith(b"%PDF-")


def test_a_copy_of_the_site_under_another_address_stays_silent(
    site: Site, service: Service, chromium: Any, course: dict[str, Any], session: dict[str, Any]
) -> None:
    site.act("deliver")
    wait_for(service.idle, "the service does not come to rest")
    received = service.received()
    with site.copied() as address:
        mentee = Person(chromium, address, course["people"]["mentee2"]["username"])
        mentee.fill_in_first_form(session["cmid"], "Цел в копието")
        mentee.submit()
        assert "The PDF documents will follow" in mentee.page.inner_text("#region-main")
        site.php("scheduled_task.php", "--execute=\\mod_monitoringsession\\task\\redeliver")
        administrator = Person(chromium, address, *ADMINISTRATOR)
        page = administrator.open("/mod/monitoringsession/connection.php")
        assert "This site is a copy" in page.inner_text("#region-main")
        assert page.locator("#id_code").count(), "it can be connected by itself"
        mentee.close()
        administrator.close()
    assert not site.rows("monitoringsession_outbox", state="waiting")
    assert service.received() == received
