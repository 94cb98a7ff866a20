"""The mail transports: the message each hands over, a Maildir that takes each letter once, and SMTP's answers."""

import ipaddress
import mailbox
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from infra.maildir import Maildir, read_mailbox
from infra.ses_mail import SesMailer
from infra.smtp_mail import SmtpMailer, SmtpServer
from tests.aws_server import LocalAws
from workflows.ports import Letter, MailRefused, MailUnavailable

AT = datetime(2026, 1, 5, 1, 2, 3, tzinfo=UTC)
SENDER = "zhibao@zhibao.example"
LINK = "http://zhibao.example/f/" + "Ab-_." * 40
TEXT = f"甲公司：\n\n请填报 2025 年度《调查表》<必填> & 保存。\n\n{LINK}\n\n此链接只供贵单位使用。\n"
LETTER = Letter("0123abcd" * 4, "甲公司", "e1@units.example", "【直报】请填报（甲公司）", TEXT, LINK)
PASSWORD = "correct horse"


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, EmailMessage, policy=default)


@pytest.fixture
def box(tmp_path: Path) -> Maildir:
    """An empty Maildir."""
    return Maildir(tmp_path / "mail", SENDER)


def new(box: Maildir) -> list[Path]:
    return sorted((box.root / "new").iterdir())


# A relay that can be told how to answer


@dataclass
class Relay:
    """A mail server of the test's own: what it was given, and what it is to answer at each step."""

    rcpt: str = ""
    data: str = ""
    mail: str = ""
    received: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[bytes] = field(default_factory=list)

    async def handle_MAIL(self, _: Any, __: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.mail or "250 OK"

    async def handle_RCPT(self, _: Any, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        assert isinstance(envelope.content, bytes)
        self.received.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, _: Any, __: Any, ___: Any, mechanism: str, given: LoginPassword) -> AuthResult:
        self.users.append(given.login)
        right = given.login == b"clerk" and given.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def serve(relay: Relay) -> Iterator[Callable[..., SmtpServer]]:
    """Starts the relay on a free port; says how to reach it."""
    running: list[Controller] = []

    def start(security: str = "none", user: str = "", password: str = "", **options: Any) -> SmtpServer:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        controller = Controller(relay, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return SmtpServer("127.0.0.1", port, security, user, password, SENDER)

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context, and a client's that trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*certificate)
    return server, ssl.create_default_context(cafile=str(certificate[0]))


# The message, through both transports


@pytest.fixture
def ses(in_aws: LocalAws) -> LocalAws:
    """A local SES that knows our sender and has taken nothing yet."""
    requests.post(f"{in_aws.url}/moto-api/reset", timeout=10)
    in_aws.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    return in_aws


@pytest.fixture(params=["maildir", "smtp", "ses"])
def deliver(request: pytest.FixtureRequest, box: Maildir, relay: Relay) -> Callable[[Letter], EmailMessage]:
    """Sends one letter by each transport and reads it as its addressee would."""
    if request.param == "ses":
        aws = request.getfixturevalue("ses")

        def by_ses(letter: Letter) -> EmailMessage:
            SesMailer(SENDER).send(letter, AT)
            return parsed(taken_by(aws)[-1])

        return by_ses
    if request.param == "maildir":

        def into_box(letter: Letter) -> EmailMessage:
            box.send(letter, AT)
            return parsed((box.root / "new" / letter.id).read_bytes())

        return into_box
    server = request.getfixturevalue("serve")()

    def by_smtp(letter: Letter) -> EmailMessage:
        SmtpMailer(server).send(letter, AT)
        return parsed(relay.received[-1])

    return by_smtp


Deliver = Callable[[Letter], EmailMessage]


def taken_by(aws: LocalAws) -> list[bytes]:
    """The messages the local SES took, in their order."""
    sent = requests.get(f"{aws.url}/moto-api/data.json", timeout=10).json()["ses"]["RawMessage"]
    return [message["raw_data"].encode() for message in sent]


def test_the_headers_say_who_to_whom_when_and_that_a_machine_wrote_it(deliver: Deliver) -> None:
    message = deliver(LETTER)
    assert message["From"].addresses[0].addr_spec == SENDER
    assert (message["To"].addresses[0].addr_spec, message["To"].addresses[0].display_name) == (
        LETTER.to_email,
        "甲公司",
    )
    assert message["Subject"] == LETTER.subject
    assert message["Date"].datetime == AT
    assert message["Auto-Submitted"] == "auto-generated"
    assert not message.defects


def test_a_letter_sent_again_carries_the_same_message_id(serve: Callable[..., SmtpServer], relay: Relay) -> None:
    mailer = SmtpMailer(serve())
    for letter in (LETTER, LETTER, replace(LETTER, id="f" * 32)):
        mailer.send(letter, AT)
    ids = [parsed(raw)["Message-ID"] for raw in relay.received]
    assert ids == [f"<{LETTER.id}@zhibao.example>"] * 2 + [f"<{'f' * 32}@zhibao.example>"]


def test_the_text_comes_first_with_the_link_once_on_a_line_of_its_own(deliver: Deliver) -> None:
    message = deliver(LETTER)
    text, html = message.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    content = text.get_content()
    assert content.splitlines() == TEXT.splitlines()
    assert content.splitlines().count(LINK) == content.count("http") == 1


def test_the_page_part_has_one_button_and_nothing_of_it_is_markup_of_ours(deliver: Deliver) -> None:
    html = message_html(deliver(LETTER))
    assert html.count(f'href="{LINK}"') == html.count("http") == 1
    assert "&lt;必填&gt; &amp; 保存" in html
    assert "<img" not in html
    assert "<script" not in html


def message_html(message: EmailMessage) -> str:
    return content_of(message, "html")


def content_of(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_a_letter_without_a_link_has_no_button(deliver: Deliver) -> None:
    assert "href" not in message_html(deliver(replace(LETTER, text="没有链接。\n", link="")))


def test_markup_in_a_name_stays_text(deliver: Deliver) -> None:
    html = message_html(deliver(replace(LETTER, text='<a href="http://evil.example">x</a>\n')))
    assert "<a" not in html


@pytest.mark.parametrize(
    "name", ["长" * 500, "a" * 500, "x\r\nBcc: all@x.example", 'A "B" <c@d.example>, E', "\u2028换行", "=?utf-8?q?x?="]
)
def test_an_awkward_name_breaks_no_header_and_adds_none(deliver: Deliver, name: str) -> None:
    letter = replace(
        LETTER, to_name=name, subject=f"【直报】（{' '.join(name.split())}）", text=f"{name}：\n\n{LINK}\n"
    )
    message = deliver(letter)
    assert [address.addr_spec for address in message["To"].addresses] == [LETTER.to_email]
    assert message["Bcc"] is None
    assert all(len(line) <= 1000 for line in message.as_bytes().splitlines(keepends=True))
    assert LINK in content_of(message, "plain").splitlines()


@pytest.mark.parametrize(
    "address", ["", "no-at", "a@b@c", "a b@c.example", "x@y.example\r\nBcc: z@z.example", "@x.example"]
)
def test_an_address_that_is_none_is_refused_for_good(deliver: Deliver, address: str) -> None:
    with pytest.raises(MailRefused):
        deliver(replace(LETTER, to_email=address))


# Maildir


def test_a_letter_is_in_the_maildir_once_however_often_it_is_sent(box: Maildir) -> None:
    for _ in range(3):
        box.send(LETTER, AT)
    assert [path.name for path in new(box)] == [LETTER.id]
    assert list((box.root / "tmp").iterdir()) == []


@pytest.mark.parametrize("flags", ["", ":2,", ":2,S", ":2,FRS"])
def test_a_letter_read_and_moved_by_a_mail_program_does_not_come_again(box: Maildir, flags: str) -> None:
    box.send(LETTER, AT)
    (box.root / "new" / LETTER.id).rename(box.root / "cur" / f"{LETTER.id}{flags}")
    box.send(LETTER, AT)
    assert new(box) == []


def test_what_a_crash_left_half_written_harms_nothing(box: Maildir) -> None:
    (box.root / "tmp" / LETTER.id).write_bytes(b"From: half")
    (box.root / "tmp" / "other").write_bytes(b"")
    assert list(read_mailbox(box.root)) == []
    box.send(LETTER, AT)
    (received,) = read_mailbox(box.root)
    assert received.text.splitlines() == TEXT.splitlines()


def test_the_standard_library_reads_the_maildir(box: Maildir) -> None:
    box.send(LETTER, AT)
    box.send(replace(LETTER, id="f" * 32), AT)
    reader = mailbox.Maildir(box.root, create=False)
    assert {message["Message-ID"] for message in reader} == {
        f"<{LETTER.id}@zhibao.example>",
        f"<{'f' * 32}@zhibao.example>",
    }
    reader.close()


def test_a_maildir_opened_again_keeps_what_it_has(box: Maildir) -> None:
    box.send(LETTER, AT)
    Maildir(box.root, SENDER).send(LETTER, AT)
    assert len(new(box)) == 1


def test_a_full_disk_is_an_error_and_leaves_no_letter(box: Maildir, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            box.send(LETTER, AT)
    assert new(box) == []
    box.send(LETTER, AT)
    assert len(new(box)) == 1


def test_the_mailbox_lists_the_newest_first_for_one_address_or_all(box: Maildir) -> None:
    for number in range(4):
        to = "other@units.example" if number == 1 else LETTER.to_email
        box.send(replace(LETTER, id=f"{number}" * 32, to_email=to, subject=f"第{number}封"), AT)
        path = box.root / "new" / (f"{number}" * 32)
        os.utime(path, ns=(number, number))
    assert [one.subject for one in read_mailbox(box.root)] == ["第3封", "第2封", "第1封", "第0封"]
    assert [one.subject for one in read_mailbox(box.root, to="E1@units")] == ["第3封", "第2封", "第0封"]
    assert [one.id for one in read_mailbox(box.root, limit=1)] == ["3" * 32]
    (first, *_) = read_mailbox(box.root)
    assert (first.link, first.date) == (LINK, "Mon, 05 Jan 2026 01:02:03 +0000")


# SMTP


def test_a_plain_relay_takes_the_letter(serve: Callable[..., SmtpServer], relay: Relay) -> None:
    SmtpMailer(serve()).send(LETTER, AT)
    assert relay.recipients == [LETTER.to_email]
    assert relay.encrypted == [False]


def test_starttls_and_a_password_are_used(
    serve: Callable[..., SmtpServer], relay: Relay, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    options = {
        "tls_context": tls[0],
        "require_starttls": True,
        "auth_required": True,
        "authenticator": relay.authenticate,
    }
    SmtpMailer(serve("starttls", "clerk", PASSWORD, **options), tls[1]).send(LETTER, AT)
    assert (relay.encrypted, relay.users) == ([True], [b"clerk"])


def test_tls_from_the_first_byte_is_used(
    serve: Callable[..., SmtpServer], relay: Relay, tls: tuple[ssl.SSLContext, ssl.SSLContext], certificate: Any
) -> None:
    tls[0].load_verify_locations(certificate[0])
    server = serve("tls", server_hostname="127.0.0.1", ssl_context=tls[0])
    SmtpMailer(server, tls[1]).send(LETTER, AT)
    assert len(relay.received) == 1
    with pytest.raises(MailUnavailable):
        SmtpMailer(server).send(LETTER, AT)
    assert len(relay.received) == 1


def test_a_wrong_password_is_for_later_and_no_letter_is_lost(
    serve: Callable[..., SmtpServer], relay: Relay, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    options = {"tls_context": tls[0], "auth_required": True, "authenticator": relay.authenticate}
    with pytest.raises(MailUnavailable, match="535"):
        SmtpMailer(serve("starttls", "clerk", "wrong", **options), tls[1]).send(LETTER, AT)
    assert relay.received == []


def test_a_server_that_nobody_vouches_for_gets_no_letter(
    serve: Callable[..., SmtpServer], relay: Relay, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    with pytest.raises(MailUnavailable):
        SmtpMailer(serve("starttls", tls_context=tls[0])).send(LETTER, AT)
    assert relay.received == []


def test_a_server_without_starttls_gets_no_letter_in_clear(serve: Callable[..., SmtpServer], relay: Relay) -> None:
    with pytest.raises(MailUnavailable):
        SmtpMailer(serve("starttls", "clerk", PASSWORD)).send(LETTER, AT)
    assert (relay.received, relay.users) == ([], [])


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("rcpt", "550 no such user", MailRefused),
        ("rcpt", "553 bad mailbox", MailRefused),
        ("rcpt", "450 try again", MailUnavailable),
        ("rcpt", "452 full", MailUnavailable),
        ("data", "554 looks like spam", MailRefused),
        ("data", "451 greylisted", MailUnavailable),
        ("mail", "550 sender not known", MailUnavailable),
        ("mail", "421 too busy", MailUnavailable),
    ],
)
def test_what_concerns_the_letter_is_final_and_all_else_is_for_later(
    serve: Callable[..., SmtpServer], relay: Relay, step: str, answer: str, outcome: type[Exception]
) -> None:
    setattr(relay, step, answer)
    mailer = SmtpMailer(serve())
    with pytest.raises(outcome, match=answer[:3]):
        mailer.send(LETTER, AT)
    assert relay.received == []
    setattr(relay, step, "")
    mailer.send(LETTER, AT)
    assert len(relay.received) == 1


def test_a_server_that_is_not_there_is_for_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(MailUnavailable, match="ConnectionRefused"):
        SmtpMailer(SmtpServer("127.0.0.1", port, "none", "", "", SENDER)).send(LETTER, AT)


def test_an_error_names_no_address_and_no_password(serve: Callable[..., SmtpServer], relay: Relay) -> None:
    relay.rcpt = f"550 <{LETTER.to_email}> unknown"
    with pytest.raises(MailRefused) as caught:
        SmtpMailer(serve()).send(LETTER, AT)
    assert str(caught.value) == "SMTP 550"


def test_letters_of_a_batch_appear_together_at_its_end(tmp_path: Path) -> None:
    box = Maildir(tmp_path / "mail", SENDER)
    with box.batch():
        for number in range(3):
            box.send(replace(LETTER, id=f"{number:032x}"), AT)
            box.send(replace(LETTER, id=f"{number:032x}"), AT)
        assert not list((box.root / "new").iterdir())
    assert len(list((box.root / "new").iterdir())) == 3
    assert not list((box.root / "tmp").iterdir())


def test_a_batch_that_fails_delivers_nothing_and_the_next_one_everything(tmp_path: Path) -> None:
    box = Maildir(tmp_path / "mail", SENDER)
    with suppress(KeyboardInterrupt), box.batch():
        box.send(replace(LETTER, id="a" * 32), AT)
        raise KeyboardInterrupt
    assert not list((box.root / "new").iterdir())
    with box.batch():
        box.send(replace(LETTER, id="a" * 32), AT)
    assert len(list((box.root / "new").iterdir())) == 1
