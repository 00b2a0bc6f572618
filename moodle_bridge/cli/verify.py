"""``moodle-bridge verify``: check that a document is what was archived and shows what it holds."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import click

from moodle_bridge.cli.common import catalogue_of, settings_of, templates_of
from moodle_bridge.cli.database import connected, holds_database
from moodle_bridge.errors import OthersFiles, StoreError, VerifyError
from moodle_bridge.settings import Settings
from moodle_bridge.store import documents


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sha256", help="The hash in the receipt; without it the service's own receipts are asked.")
@click.option("--receipt/--no-receipt", default=True, help="Ask the service's database for the receipt.")
@click.option(
    "--pdfa", is_flag=True, help="Also check all of PDF/A and PDF/UA (pip install moodle-bridge[pdfa])."
)
@click.pass_context
def verify(ctx: click.Context, file: Path, sha256: str | None, receipt: bool, pdfa: bool) -> None:
    """Check FILE against its receipt, its attached answers and its pages."""
    from moodle_bridge.pdf.verify import archival, attached_document
    from moodle_bridge.pdf.verify import verify as check

    settings = settings_of(ctx)
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # what is wrong with a file is said below
    if sha256 is not None and not re.fullmatch("[0-9A-Fa-f]{64}", sha256):
        raise click.BadParameter("expected 64 hexadecimal digits", param_hint="--sha256")
    data = file.read_bytes()
    expected = sha256
    if expected is None and receipt:
        expected = _receipt(settings, attached_document(data))
    found = check(
        data, catalogue_of(settings), expected, templates=templates_of(settings), adopted=settings.adopted
    )
    checks = found.checks
    if pdfa:
        try:
            checks = (*checks, archival(data))
        except ImportError as error:
            raise click.ClickException(
                "a validator of PDF/A is missing: pip install moodle-bridge[pdfa]"
            ) from error
    click.echo(f"document {found.document}")
    for each in checks:
        click.echo(f"{'ok  ' if each.passed else 'FAIL'} {each.name}: {each.detail}")
    if not all(each.passed for each in checks):
        raise VerifyError(f"{file.name} is not the document that was archived")


def _receipt(settings: Settings, document: str) -> str | None:
    """The hash that the service noted when it stored the document, if its database is here."""

    if not document or not holds_database(settings):
        return None
    try:
        with connected(settings) as engine:
            kept = documents.document(engine, document)
    except (StoreError, OthersFiles) as error:
        click.echo(f"no receipts here: {error.message}", err=True)
        return None
    return kept.sha256 if kept else None
