"""Every way this service refuses or fails: one tree, and what to do about each.

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

Each class says its ``code`` (stable, for machines), the HTTP ``status`` it has in an answer of ours,
whether it is ``permanent`` (trying again cannot help) and the ``remedy`` in every language. The
message says what is wrong and where; it never holds a secret or an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class BridgeError(Exception):
    """The root; carries a message for people and facts for logs."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    permanent: ClassVar[bool] = False
    remedy: ClassVar[Mapping[str, str]] = {
        "bg": (
            "Това е грешка на програмата. Опитът се повтаря; ако остане, съобщете за нея с редовете от "
            "журнала."
        ),
        "en": (
            "This is an error of the program. It is tried again; if it stays, report it with the log's lines."
        ),
    }

    def __init__(self, message: str, **facts: str | int | float | None) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


def remedy_of(code: str) -> Mapping[str, str]:
    """What to do about the failure of that code; of one that is not known what the root of all says."""
    waiting: list[type[BridgeError]] = [BridgeError]
    while waiting:
        kind = waiting.pop(0)
        if kind.code == code:
            return kind.remedy
        waiting += kind.__subclasses__()
    return BridgeError.remedy


class SettingsError(BridgeError):
    """A setting is missing, malformed or contradicts another."""

    code = "settings"
    permanent = True
    remedy = {
        "bg": "Поправете посочената настройка в bridge.toml или в средата и стартирайте отново.",
        "en": "Correct the named setting in bridge.toml or the environment and start again.",
    }


class InstrumentError(BridgeError):
    """An instrument or vocabulary file is wrong; the message names file, line and item."""

    code = "instrument"
    permanent = True
    remedy = {
        "bg": "Поправете файла на инструмента и проверете с „moodle-bridge instruments check“.",
        "en": "Correct the instrument's file and check it with 'moodle-bridge instruments check'.",
    }


class UnknownVersion(InstrumentError):
    """A form names a version of its instrument that is not here; no other one is a substitute."""

    code = "instrument-version"
    remedy = {
        "bg": "Върнете файла instruments/<id>/<version>.yaml и шаблоните на тази версия или обновете"
        " услугата, рестартирайте я и изпълнете задачата отново с „moodle-bridge jobs retry“.",
        "en": "Put the file instruments/<id>/<version>.yaml and the templates of that version back or update"
        " the service, restart it and run the job again with 'moodle-bridge jobs retry'.",
    }


class AnswersRefused(BridgeError):
    """Answers that are not even of the shape their definition asks for."""

    code = "answers"
    status = 422
    permanent = True
    remedy = {
        "bg": "Формулярът е отворен отново за своя автор; посочените отговори трябва да се поправят.",
        "en": "The form is open again for its author; the answers named have to be corrected.",
    }


class PdfError(BridgeError):
    """Anything about documents and templates."""

    code = "pdf"
    permanent = True


class TemplateError(PdfError):
    """A compiled template is missing, older than its source or unusable."""

    code = "template"
    remedy = {
        "bg": "Изградете шаблоните с „moodle-bridge templates build“.",
        "en": "Build the templates with 'moodle-bridge templates build'.",
    }


class ToolsMissing(TemplateError):
    """What builds templates is not installed on this machine."""

    code = "template-tools"
    remedy = {
        "bg": "Инсталирайте ги: „pip install moodle-bridge[templates]“ и „apt install libpangoft2-1.0-0“.",
        "en": "Install them: 'pip install moodle-bridge[templates]' and 'apt install libpangoft2-1.0-0'.",
    }


class FillError(PdfError):
    """A filled document failed its own check and was not stored."""

    code = "fill"
    remedy = {
        "bg": "Съобщете за проблема с номера на подаването; отговорите са запазени в Moodle.",
        "en": "Report the problem with the submission's number; the answers are safe in Moodle.",
    }


class AdoptError(PdfError):
    """A form that somebody brought cannot be used as a template."""

    code = "adopt"
    status = 422
    remedy = {
        "bg": "Запазете формуляра без защита, подписи и XFA като AcroForm и опитайте отново.",
        "en": "Save the form as an AcroForm without protection, signatures and XFA and try again.",
    }


class FormProtected(AdoptError):
    """A brought form opens only with a password, or with a library that is not there."""

    code = "adopt-protected"
    remedy = {
        "bg": "Отворете формуляра с паролата му и го запазете без нея (qpdf --decrypt --password=…); "
        "за защита с AES инсталирайте и moodle-bridge[pdfa].",
        "en": "Open the form with its password and save it without (qpdf --decrypt --password=…); "
        "for protection with AES also install moodle-bridge[pdfa].",
    }


class FormDamaged(AdoptError):
    """A brought form is no sound PDF file."""

    code = "adopt-damaged"
    remedy = {
        "bg": "Запазете формуляра отново с програмата, с която е направен, "
        "или го поправете с „qpdf стар.pdf нов.pdf“.",
        "en": "Save the form again with the program that made it, or repair it by 'qpdf old.pdf new.pdf'.",
    }


class FormTooLarge(AdoptError):
    """A brought form exceeds what one may take of time, memory, pages or fields."""

    code = "adopt-large"
    remedy = {
        "bg": "Оставете само страниците на формуляра, намалете картинките и го запазете отново.",
        "en": "Keep only the pages of the form, make its pictures smaller and save it again.",
    }


class FormPageSize(AdoptError):
    """A page of a brought form has no size that paper has."""

    code = "adopt-size"
    remedy = {
        "bg": "Задайте размер на хартията на формуляра, например A4, и го запазете отново.",
        "en": "Give the form a size of paper, such as A4, and save it again.",
    }


class FormWithoutFields(AdoptError):
    """A brought form has no fields of the kind that can be filled."""

    code = "adopt-fields"
    remedy = {
        "bg": "Добавете полета (LibreOffice: Форма > Контроли; Acrobat: Подготовка на формуляр) "
        "и запазете като PDF с AcroForm, не XFA.",
        "en": "Add fields (LibreOffice: Form > Controls; Acrobat: Prepare form) "
        "and save it as a PDF with an AcroForm, not XFA.",
    }


class FormUnmapped(AdoptError):
    """No field of a brought form is called as an item of the instrument is."""

    code = "adopt-unmapped"
    remedy = {
        "bg": "Направете предложение с „moodle-bridge forms map“, поправете го и го посочете с --mapping.",
        "en": "Make a proposal by 'moodle-bridge forms map', correct it and name it with --mapping.",
    }


class MappingError(AdoptError):
    """The file that names a brought form's fields is wrong."""

    code = "mapping"
    remedy = {
        "bg": "Поправете файла, посочен с --mapping, и опитайте отново.",
        "en": "Correct the file named with --mapping and try again.",
    }


class VerifyError(PdfError):
    """A document is not the one that was archived."""

    code = "verify"
    status = 422
    remedy = {
        "bg": "Изтеглете документа отново от сесията в Moodle и сравнете.",
        "en": "Download the document again from its session in Moodle and compare.",
    }


class RequestRefused(BridgeError):
    """Something sent to this service that it does not take."""

    code = "refused"
    status = 400
    permanent = True
    remedy = {
        "bg": "Проверете връзката на страницата „Връзка с услугата“ в Moodle.",
        "en": "Check the connection on the page 'Connection to the service' in Moodle.",
    }


class Malformed(RequestRefused):
    """The body is not the JSON that the contract asks for."""

    code = "malformed"


class TooLarge(RequestRefused):
    """The body is over the size limit."""

    code = "too-large"
    status = 413
    remedy = {
        "bg": "Намалете съобщението или увеличете настройката limits.body_bytes на услугата.",
        "en": "Make the message smaller, or raise the service's setting limits.body_bytes.",
    }


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
    remedy = {
        "bg": "Свържете сайта отново: „moodle-bridge pair“ и страницата „Връзка с услугата“ в Moodle.",
        "en": (
            "Connect the site again: 'moodle-bridge pair' and the page 'Connection to the service' in Moodle."
        ),
    }


class Stale(RequestRefused):
    """The signature's time is too far from ours."""

    code = "stale"
    status = 401
    remedy = {
        "bg": "Сверете часовниците на двата сървъра (NTP).",
        "en": "Set the clocks of both servers (NTP).",
    }


class WrongSite(RequestRefused):
    """The message speaks for another Moodle site, perhaps a clone."""

    code = "wrong-site"
    status = 403


class SecondSite(RequestRefused):
    """Another Moodle site asks to be paired while this service has one: what it knows would be forgotten."""

    code = "second-site"
    status = 409
    remedy = {
        "bg": "Една услуга обслужва един Moodle. За втори Moodle стартирайте отделна услуга"
        " (docs/operate.md, „A second Moodle“). Ако същият Moodle е на нов адрес, вземете код с"
        " „moodle-bridge pair --replace“.",
        "en": "One service serves one Moodle. For a second Moodle start a service of its own"
        " (docs/operate.md, 'A second Moodle'). If it is the same Moodle at a new address, get a code by"
        " 'moodle-bridge pair --replace'.",
    }


class WrongContract(RequestRefused):
    """Plugin and service speak different versions of the contract."""

    code = "contract"
    status = 409
    remedy = {
        "bg": "Обновете дейността „Мониторинг сесия“ в Moodle и услугата до съвместими версии.",
        "en": "Upgrade the activity 'Monitoring session' in Moodle and the service to versions that match.",
    }


class NotPaired(RequestRefused):
    """No Moodle site is paired yet."""

    code = "not-paired"
    status = 403
    remedy = {
        "bg": "Изпълнете „moodle-bridge pair“ и въведете кода в Moodle.",
        "en": "Run 'moodle-bridge pair' and enter its code in Moodle.",
    }


class BadPairingCode(RequestRefused):
    """The one-time code is unknown, used or expired."""

    code = "pairing-code"
    status = 403
    remedy = {
        "bg": "Изпълнете отново „moodle-bridge pair“ и въведете новия код.",
        "en": "Run 'moodle-bridge pair' again and enter the new code.",
    }


class UnknownSource(RequestRefused):
    """A hint without a token that we know."""

    code = "source-token"
    status = 401
    remedy = {
        "bg": (
            "Впишете същия таен ключ в онази добавка и в настройката "
            "hints.local_webhooks_token или hints.tool_trigger_token."
        ),
        "en": (
            "Enter the same token in that plugin and in the setting "
            "hints.local_webhooks_token or hints.tool_trigger_token."
        ),
    }


class MoodleError(BridgeError):
    """Moodle did not do what was asked."""

    code = "moodle"
    status = 502
    remedy = {
        "bg": "Проверете сайта на Moodle; опитът ще се повтори.",
        "en": "Check the Moodle site; it will be tried again.",
    }


class MoodleUnreachable(MoodleError):
    """No connection: name, network, certificate."""

    code = "moodle-unreachable"


class MoodleCertificate(MoodleUnreachable):
    """The certificate of Moodle is not one that this machine trusts, or TLS failed."""

    code = "moodle-certificate"
    remedy = {
        "bg": (
            "Ако удостоверението на Moodle е от собствен издател, посочете неговия PEM файл в "
            "moodle.ca_file; иначе"
            " проверете името на сайта и срока на удостоверението. Опитът ще се повтори."
        ),
        "en": (
            "If Moodle's certificate comes from an authority of your own, name its PEM file in "
            "moodle.ca_file; else"
            " check the site's name and the certificate's dates. It will be tried again."
        ),
    }


class MoodleSlow(MoodleError):
    """No answer within the time limit."""

    code = "moodle-slow"


class MoodleMaintenance(MoodleError):
    """Moodle is in maintenance mode or being upgraded."""

    code = "moodle-maintenance"
    remedy = {
        "bg": "Изчакайте края на поддръжката на Moodle; опитът ще се повтори.",
        "en": "Wait for Moodle's maintenance to end; it will be tried again.",
    }


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
    remedy = {
        "bg": (
            "Ключът за достъп е отнет, изтекъл е или е ограничен до други адреси. При ограничение "
            "разрешете адреса"
            " на услугата в Moodle („Управление на ключове“); иначе свържете сайта отново. После "
            "продължава само."
        ),
        "en": (
            "The token was revoked, has expired or is limited to other addresses. If limited, allow this "
            "service's"
            " address in Moodle ('Manage tokens'); else connect the site again. Then all goes on by itself."
        ),
    }


class MoodleAccountHeld(MoodleTokenRefused):
    """The service's account in Moodle is suspended, or something is asked of it that is asked of people."""

    code = "moodle-account"
    remedy = {
        "bg": (
            "Акаунтът „monitoringsession_service“ в Moodle е спрян или от него се иска нещо като от човек. "
            "Обновете дейността „Мониторинг сесия“ и активирайте акаунта с удостоверяване за уеб услуги. "
            "После продължава само; не свързвайте отново."
        ),
        "en": (
            "The account 'monitoringsession_service' in Moodle is suspended, or something is asked of it "
            "that is asked of people. Upgrade the activity 'Monitoring session' and activate the account, "
            "with web services authentication. Then all goes on by itself; do not connect again."
        ),
    }


class MoodleFunctionMissing(MoodleError):
    """The plugin or its web service is not there."""

    code = "moodle-function"
    permanent = True
    remedy = {
        "bg": "Инсталирайте или обновете дейността „Мониторинг сесия“ и свържете сайта отново.",
        "en": "Install or upgrade the activity 'Monitoring session' and connect the site again.",
    }


class MoodleRedirects(MoodleError):
    """Moodle answers with a redirect, which we never follow."""

    code = "moodle-redirect"
    permanent = True
    remedy = {
        "bg": "Поправете адреса на сайта в Moodle (wwwroot, с https) и свържете сайта отново.",
        "en": "Correct the site's address in Moodle (wwwroot, with https) and connect the site again.",
    }


class MoodleRefused(MoodleError):
    """A Moodle exception; ``moodle_code`` is its error code."""

    code = "moodle-refused"
    permanent = True
    remedy = {
        "bg": (
            "Moodle отказва и това не се повтаря веднага. Отстранете причината според кода, после "
            "натиснете „Опитай"
            " пак“ в сесията или изпълнете „moodle-bridge jobs retry“; нощното сравнение също опитва отново."
        ),
        "en": (
            "Moodle refuses, and this is not tried again at once. Mend the reason that the code names, "
            "then press 'Try"
            " again' in the session or run 'moodle-bridge jobs retry'; the nightly comparison tries "
            "again too."
        ),
    }

    def __init__(self, message: str, *, moodle_code: str = "", **facts: str | int | float | None) -> None:
        super().__init__(message, moodle_code=moodle_code, **facts)
        self.moodle_code = moodle_code


class MoodleUploadLimit(MoodleRefused):
    """The document is larger than Moodle, PHP or the server before them takes."""

    code = "moodle-upload-limit"
    permanent = False
    remedy = {
        "bg": (
            "Увеличете допустимия размер на файл: в Moodle („Максимален размер на качвани файлове“), в PHP"
            " (upload_max_filesize, post_max_size) и в сървъра пред тях (client_max_body_size). Опитът "
            "ще се повтори."
        ),
        "en": (
            "Raise the largest file that is taken: in Moodle ('Maximum uploaded file size'), in PHP"
            " (upload_max_filesize, post_max_size) and in the server before them (client_max_body_size). "
            "It will be tried again."
        ),
    }


class MoodleGuarded(MoodleRefused):
    """The server before Moodle asks for a password or lets only certain addresses through."""

    code = "moodle-guarded"
    permanent = False
    remedy = {
        "bg": (
            "Сървърът пред Moodle иска парола: разрешете там адреса на услугата за /webservice/. Опитът "
            "ще се повтори."
        ),
        "en": (
            "The server before Moodle asks for a password: let this service's address through to "
            "/webservice/ there. It will be tried again."
        ),
    }


class NoDatabase(BridgeError):
    """A command was called where no service has run: no database is made for it."""

    code = "no-database"
    remedy = {
        "bg": "Посочете настройките, с които се стартира услугата („--config“ или MOODLE_BRIDGE_CONFIG);"
        " ако още не е стартирана, изпълнете първо „moodle-bridge serve“.",
        "en": "Name the settings that the service is started with (--config or MOODLE_BRIDGE_CONFIG);"
        " if it was never started, run 'moodle-bridge serve' first.",
    }


class OldDatabase(BridgeError):
    """The database was not brought to this program's version yet, or belongs to a newer one."""

    code = "old-database"
    remedy = {
        "bg": "Рестартирайте услугата с тази версия или изпълнете „moodle-bridge migrate“.",
        "en": "Restart the service with this release, or run 'moodle-bridge migrate'.",
    }


class OthersFiles(BridgeError):
    """The service's files belong to another user than the one who runs the command."""

    code = "others-files"
    remedy = {
        "bg": "Изпълнете командата като този потребител: sudo -u ПОТРЕБИТЕЛ …",
        "en": "Run the command as that user: sudo -u USER …",
    }


class NoWorker(BridgeError):
    """Nobody does what is waiting."""

    code = "no-worker"
    status = 503
    remedy = {
        "bg": "Стартирайте „moodle-bridge serve“ или „moodle-bridge worker“ със същите настройки.",
        "en": "Start 'moodle-bridge serve' or 'moodle-bridge worker' with the same settings.",
    }


class BackupError(BridgeError):
    """A backup cannot be made where it was asked for, or the file is none that is whole."""

    code = "backup"
    permanent = True
    remedy = {
        "bg": "Посочете друг файл или папка. Ако копието е повредено, вземете по-старо; без копие започнете с"
        " празна папка, „moodle-bridge pair“ и „moodle-bridge rebuild“.",
        "en": "Name another file or folder. If the backup is damaged, take an older one; without any begin"
        " with an empty folder, 'moodle-bridge pair' and 'moodle-bridge rebuild'.",
    }


class PlaceTaken(BackupError):
    """There is data where a backup is to be restored; nothing is written over."""

    code = "place-taken"
    remedy = {
        "bg": "Спрете услугата, преместете папката с данни (или създайте празна база данни в PostgreSQL) и"
        " опитайте отново.",
        "en": "Stop the service, move its data folder away (or make an empty PostgreSQL database) and try"
        " again.",
    }


class StoreError(BridgeError):
    """The database cannot be reached, is full or is of another version."""

    code = "store"
    status = 503
    remedy = {
        "bg": "Проверете базата данни и свободното място на диска.",
        "en": "Check the database and the free space on the disk.",
    }
