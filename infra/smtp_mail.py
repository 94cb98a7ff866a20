"""Mail through any SMTP server: STARTTLS or TLS, with or without authentication. At least once, same Message-ID."""

import smtplib
import ssl
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from infra.mime import compose
from workflows.ports import Letter, MailRefused, MailUnavailable

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where to hand mail over. `security` is `starttls`, `tls` or `none` (a relay on this machine)."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str


class SmtpMailer:
    """One connection per letter: a letter that failed never drags the next one along."""

    once_by_id = False

    def __init__(self, server: SmtpServer, context: ssl.SSLContext | None = None) -> None:
        self.server = server
        self.context = context or ssl.create_default_context()

    def send(self, letter: Letter, at: datetime) -> None:
        """Hand one letter over. Raises `MailRefused` (final) or `MailUnavailable` (try again)."""
        if not letter.to_email.isascii():
            raise MailRefused("address not ASCII")
        try:
            with self._connect() as connection:
                connection.send_message(compose(letter, at, self.server.sender))
        except smtplib.SMTPRecipientsRefused as error:
            code = max(reply[0] for reply in error.recipients.values())
            if code >= 500:
                raise MailRefused(f"SMTP {code}") from error
            raise MailUnavailable(f"SMTP {code}") from error
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code >= 500 and isinstance(error, smtplib.SMTPDataError)
            raise (MailRefused if final else MailUnavailable)(f"SMTP {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable(type(error).__name__) from error

    def batch(self) -> AbstractContextManager[None]:
        """The server keeps each letter as it takes it."""
        return nullcontext()

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_SECONDS, context=self.context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        try:
            if server.security == "starttls":
                connection.starttls(context=self.context)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection
