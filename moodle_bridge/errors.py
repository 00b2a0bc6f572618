"""Every way this service refuses or fails: one tree.

::

    BridgeError
    ├── SettingsError            a setting is wrong; the service does not start
    ├── InstrumentError          an instrument file is wrong
    │   └── UnknownVersion       a form was filled in with a version that is not here
    ├── AnswersRefused           answers that break their definition
    ├── PdfError
    │   ├── TemplateError        a compiled template is missing, stale or unusable
    │   │   └── ToolsMissing     what builds templates is not installed
    │   ├── FillError            a filled document failed its own check
    │   ├── AdoptError           a form somebody brought cannot be used
    │   │   ├── FormProtected, FormDamaged, FormTooLarge, FormPageSize
    │   │   ├── FormWithoutFields, FormUnmapped
    │   │   └── MappingError     the file that names its fields is wrong
    │   └── VerifyError          a document is not what was archived
    ├── RequestRefused           something sent to us
    │   ├── Malformed, TooLarge, TooDeep, WrongMediaType
    │   ├── Unsigned, BadSignature, Stale
    │   └── WrongSite, SecondSite, WrongContract, NotPaired, BadPairingCode, UnknownSource
    ├── MoodleError              something Moodle answered, or did not
    │   ├── MoodleUnreachable, MoodleSlow, MoodleMaintenance, MoodleBroken, MoodleGarbled
    │   ├── MoodleTokenRefused (MoodleAccountHeld), MoodleFunctionMissing, MoodleRedirects
    │   └── MoodleRefused        a Moodle exception with its own error code
    │       └── MoodleUploadLimit, MoodleGuarded
    ├── NoDatabase, OldDatabase, OthersFiles, NoWorker   a command or a check finds no running service
    ├── BackupError              a backup cannot be made, or is not whole
    │   └── PlaceTaken           there is data where a backup is to be restored
    └── StoreError               the database
        └── DatabaseAway, DatabaseLogin, DatabaseMissing, DatabaseCrowded, DatabaseFull, DatabaseLocked,
            DatabaseReadOnly, DatabaseDamaged      each with a cure of its own

Each class says its ``code`` (stable, for machines), the HTTP ``status`` it has in an answer of ours,
whether it is ``permanent`` (trying again cannot help). The message says what is wrong and where; it never
holds a secret or an answer. What to do about it says :func:`moodle_bridge.remedies.remedy_of`.
"""

from __future__ import annotations

from typing import ClassVar


class BridgeError(Exception):
    """The root; carries a message for people and facts for logs."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    permanent: ClassVar[bool] = False

    def __init__(self, message: str, **facts: str | int | float | None) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class SettingsError(BridgeError):
    """A setting is missing, malformed or contradicts another."""

    code = "settings"
    permanent = True


class InstrumentError(BridgeError):
    """An instrument or vocabulary file is wrong; the message names file, line and item."""

    code = "instrument"
    permanent = True


class UnknownVersion(InstrumentError):
    """A form names a version of its instrument that is not here; no other one is a substitute."""

    code = "instrument-version"


class AnswersRefused(BridgeError):
    """Answers that are not even of the shape their definition asks for."""

    code = "answers"
    status = 422
    permanent = True


class PdfError(BridgeError):
    """Anything about documents and templates."""

    code = "pdf"
    permanent = True


class TemplateError(PdfError):
    """A compiled template is missing, older than its source or unusable."""

    code = "template"


class ToolsMissing(TemplateError):
    """What builds templates is not installed on this machine."""

    code = "template-tools"


class FillError(PdfError):
    """A filled document failed its own check and was not stored."""

    code = "fill"


class AdoptError(PdfError):
    """A form that somebody brought cannot be used as a template."""

    code = "adopt"
    status = 422


class FormProtected(AdoptError):
    """A brought form opens only with a password, or with a library that is not there."""

    code = "adopt-protected"


class FormDamaged(AdoptError):
    """A brought form is no sound PDF file."""

    code = "adopt-damaged"


class FormTooLarge(AdoptError):
    """A brought form exceeds what one may take of time, memory, pages or fields."""

    code = "adopt-large"


class FormPageSize(AdoptError):
    """A page of a brought form has no size that paper has."""

    code = "adopt-size"


class FormWithoutFields(AdoptError):
    """A brought form has no fields of the kind that can be filled."""

    code = "adopt-fields"


class FormUnmapped(AdoptError):
    """No field of a brought form is called as an item of the instrument is."""

    code = "adopt-unmapped"


class MappingError(AdoptError):
    """The file that names a brought form's fields is wrong."""

    code = "mapping"


class VerifyError(PdfError):
    """A document is not the one that was archived."""

    code = "verify"
    status = 422


class RequestRefused(BridgeError):
    """Something sent to this service that it does not take."""

    code = "refused"
    status = 400
    permanent = True


class Malformed(RequestRefused):
    """The body is not the JSON that the contract asks for."""

    code = "malformed"


class TooLarge(RequestRefused):
    """The body is over the size limit."""

    code = "too-large"
    status = 413


class TooDeep(RequestRefused):
    """The body nests deeper than any message does."""

    code = "too-deep"


class WrongMediaType(RequestRefused):
    """The body is declared as something other than JSON."""

    code = "media-type"
    status = 415


class Unsigned(RequestRefused):
    """A header of the signature is missing or unreadable."""

    code = "unsigned"
    status = 401


class BadSignature(RequestRefused):
    """No secret of ours gives this signature."""

    code = "signature"
    status = 401


class Stale(RequestRefused):
    """The signature's time is too far from ours."""

    code = "stale"
    status = 401


class WrongSite(RequestRefused):
    """The message speaks for another Moodle site, perhaps a clone."""

    code = "wrong-site"
    status = 403


class SecondSite(RequestRefused):
    """Another Moodle site asks to be paired while this service has one: what it knows would be forgotten."""

    code = "second-site"
    status = 409


class WrongContract(RequestRefused):
    """Plugin and service speak different versions of the contract."""

    code = "contract"
    status = 409


class NotPaired(RequestRefused):
    """No Moodle site is paired yet."""

    code = "not-paired"
    status = 403


class BadPairingCode(RequestRefused):
    """The one-time code is unknown, used or expired."""

    code = "pairing-code"
    status = 403


class UnknownSource(RequestRefused):
    """A hint without a token that we know."""

    code = "source-token"
    status = 401


class MoodleError(BridgeError):
    """Moodle did not do what was asked."""

    code = "moodle"
    status = 502


class MoodleUnreachable(MoodleError):
    """No connection: name, network, certificate."""

    code = "moodle-unreachable"


class MoodleCertificate(MoodleUnreachable):
    """The certificate of Moodle is not one that this machine trusts, or TLS failed."""

    code = "moodle-certificate"


class MoodleSlow(MoodleError):
    """No answer within the time limit."""

    code = "moodle-slow"


class MoodleMaintenance(MoodleError):
    """Moodle is in maintenance mode or being upgraded."""

    code = "moodle-maintenance"


class MoodleBroken(MoodleError):
    """Moodle answered with a server error."""

    code = "moodle-5xx"


class MoodleGarbled(MoodleError):
    """The answer is not the JSON that the contract asks for, or was cut off."""

    code = "moodle-garbled"


class MoodleTokenRefused(MoodleError):
    """Moodle does not accept our token, or the account lost its capability."""

    code = "moodle-token"
    permanent = True


class MoodleAccountHeld(MoodleTokenRefused):
    """The service's account in Moodle is suspended, or something is asked of it that is asked of people."""

    code = "moodle-account"


class MoodleFunctionMissing(MoodleError):
    """The plugin or its web service is not there."""

    code = "moodle-function"
    permanent = True


class MoodleRedirects(MoodleError):
    """Moodle answers with a redirect, which we never follow."""

    code = "moodle-redirect"
    permanent = True


class MoodleRefused(MoodleError):
    """A Moodle exception; ``moodle_code`` is its error code."""

    code = "moodle-refused"
    permanent = True

    def __init__(self, message: str, *, moodle_code: str = "", **facts: str | int | float | None) -> None:
        super().__init__(message, moodle_code=moodle_code, **facts)
        self.moodle_code = moodle_code


class MoodleUploadLimit(MoodleRefused):
    """The document is larger than Moodle, PHP or the server before them takes."""

    code = "moodle-upload-limit"
    permanent = False


class MoodleGuarded(MoodleRefused):
    """The server before Moodle asks for a password or lets only certain addresses through."""

    code = "moodle-guarded"
    permanent = False


class NoDatabase(BridgeError):
    """A command was called where no service has run: no database is made for it."""

    code = "no-database"


class OldDatabase(BridgeError):
    """The database was not brought to this program's version yet, or belongs to a newer one."""

    code = "old-database"


class OthersFiles(BridgeError):
    """The service's files belong to another user than the one who runs the command."""

    code = "others-files"


class NoWorker(BridgeError):
    """Nobody does what is waiting."""

    code = "no-worker"
    status = 503


class BackupError(BridgeError):
    """A backup cannot be made where it was asked for, or the file is none that is whole."""

    code = "backup"
    permanent = True


class PlaceTaken(BackupError):
    """There is data where a backup is to be restored; nothing is written over."""

    code = "place-taken"


class StoreError(BridgeError):
    """The database cannot be reached, is full or is of another version."""

    code = "store"
    status = 503


class DatabaseAway(StoreError):
    """Nobody answers where the database should be."""

    code = "database-away"


class DatabaseLogin(StoreError):
    """PostgreSQL refuses user or password."""

    code = "database-login"


class DatabaseMissing(StoreError):
    """PostgreSQL has no database of that name."""

    code = "database-missing"


class DatabaseCrowded(StoreError):
    """PostgreSQL has no free connection."""

    code = "database-crowded"


class DatabaseFull(StoreError):
    """There is no room for what is to be written."""

    code = "database-full"


class DatabaseLocked(StoreError):
    """Somebody else holds the database for longer than one waits."""

    code = "database-locked"


class DatabaseReadOnly(StoreError):
    """The database may be read but not written."""

    code = "database-read-only"


class DatabaseDamaged(StoreError):
    """The database's file is damaged."""

    code = "database-damaged"
