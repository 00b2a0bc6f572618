"""``moodle-bridge verify``: check that a document is what was archived and shows what it holds."""

from __future__ import annotations

from pathlib import Path

import click

from moodle_bridge.domain import catalogue
from moodle_bridge.errors import SettingsError, StoreError, VerifyError


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sha256", help="The hash in the receipt; without it the service's own receipts are asked.")
@click.option("--receipt/--no-receipt", default=True, help="Ask the service's database for the receipt.")
@click.option("--pdfa", is_flag=True, help="Also check all of PDF/A-3b (pip install moodle-bridge[pdfa]).")
@click.pass_context
def verify(ctx: click.Context, file: Path, sha256: str | None, receipt: bool, pdfa: bool) -> None:
    """Check FILE against its receipt, its attached answers and its pages."""
    from moodle_bridge.pdf.verify import archival, attached_document
    from moodle_bridge.pdf.verify import verify as check

    data = file.read_bytes()
    expected = sha256
    if expected is None and receipt:
        expected = _receipt(ctx, attached_document(data))
    found = check(data, catalogue.load(), expected)
    checks = (*found.checks, archival(data)) if pdfa else found.checks
    click.echo(f"document {found.document}")
    for each in checks:
        click.echo(f"{'ok  ' if each.passed else 'FAIL'} {each.name}: {each.detail}")
    if not all(each.passed for each in checks):
        raise VerifyError(f"{file.name} is not the document that was archived")


def _receipt(ctx: click.Context, document: str) -> str | None:
    """The hash that the service noted when it stored the document, if its database is here."""
    from moodle_bridge.cli.common import open_database, settings_of
    from moodle_bridge.store import records

    if not document:
        return None
    try:
        kept = records.document(open_database(settings_of(ctx)), document)
    except (SettingsError, StoreError) as error:
        click.echo(f"no receipts here: {error.message}", err=True)
        return None
    return kept.sha256 if kept else None
