"""The settings, read once at start into one typed object; a wrong value fails at start, by name."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "ZHIBAO_"
MIN_KEY_LENGTH = 32
DEMO_MARK = "demo-home"
LOADING = ".loading"
"""Folder in which a home that is being loaded grows (`infra.moving.growing`)."""
AUDIT_KEY = "audit_key"
"""File of the key that signs the closed days."""
PAYLOAD_KEYS = "payload_keys"
"""File of the keys that encrypt figures and words at rest."""
FUNCTION_MARK = "AWS_LAMBDA_FUNCTION_NAME"
"""The variable by which a process knows that it is a Lambda function."""
LOCAL = {"store": "sqlite", "objects": "files", "mail": "maildir"}


class SettingsError(ValueError):
    """One or more settings are wrong; the text names each and says what is expected."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The SMTP server of `ZHIBAO_MAIL=smtp`."""

    host: str
    port: int
    security: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Aws:
    """What the ground on AWS is called; all blank on one machine."""

    partition: str = "aws"
    """`aws`, or `aws-cn` in China, where there is no SES."""
    table: str = ""
    """The DynamoDB table of `ZHIBAO_STORE=dynamodb`."""
    bucket: str = ""
    """The bucket of `ZHIBAO_OBJECTS=s3`."""
    kms_key: str = ""
    """The key its objects are encrypted under; blank: the bucket's own encryption (SSE-S3)."""
    ses_configuration_set: str = ""
    """Where SES reports bounces and complaints to."""
    tables_function: str = ""
    """The function that builds tables; blank: nobody starts it after acceptances."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that differs between installations."""

    home: Path
    base_url: str
    secret_keys: tuple[str, ...]
    """Newest first: the first signs, all verify. Empty until a home is made."""
    store: str
    objects: str
    mail: str
    mail_from: str
    review_confirm: str
    smtp: Smtp
    audit_key: str
    """Signs the closed days (Ed25519); empty until a home is made."""
    aws: Aws
    payload_keys: tuple[str, ...] = ()
    """Encrypt figures and words at rest, newest first; none: they are not encrypted."""

    @property
    def secure_cookies(self) -> bool:
        """Cookies are `Secure` only when the front is https."""
        return self.base_url.startswith("https://")

    @property
    def is_demo(self) -> bool:
        """A home that `zhibao demo` made: review links decide without a code, and the mailbox page exists."""
        return (self.home / DEMO_MARK).exists()


def _check_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # a port that is no number, half a bracket
        parts, port = urlsplit(""), 0
    wrong = parts.query or parts.fragment or port == 0 or any(c.isspace() for c in value)
    if wrong or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("应为 http(s)://主机[:端口] (expected an http(s) address)")
    return value


def _check_keys(value: str) -> str:
    if any(len(key) < MIN_KEY_LENGTH for key in value.split()):
        raise ValueError(f"每把密钥至少 {MIN_KEY_LENGTH} 个字符 (a key is too short)")
    return value


def _check_audit_key(value: str) -> str:
    from workflows.signing import KeyUnusable, check_key

    try:
        check_key(value)
    except KeyUnusable as error:
        raise ValueError("应为 32 字节的 base64 (expected 32 bytes in base64)") from error
    return value


def _check_payload_keys(value: str) -> str:
    from infra.payload_keys import check_payload_key

    try:
        for key in value.split():
            check_payload_key(key)
    except ValueError as error:
        raise ValueError("每把应为 32 字节的 base64 (expected 32 bytes in base64 each)") from error
    return value


def _check_sender(value: str) -> str:
    local, _, domain = value.partition("@")
    if not local or not domain or "@" in domain or not value.isascii() or any(c.isspace() for c in value):
        raise ValueError("应为邮件地址 (expected a mail address)")
    return value


@dataclass(frozen=True, slots=True)
class _Variable:
    """One variable: what it is when it is not set, and what checks it."""

    default: Any = ""
    check: Callable[[str], object] = lambda value: value
    """Raises `ValueError` that says what was expected; gives the value where that is no text."""


def _one_of(*words: str) -> Callable[[str], object]:
    def check(value: str) -> str:
        if value not in words:
            raise ValueError(f"应为其中之一 (expected one of): {', '.join(words)}")
        return value

    return check


def _check_port(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise ValueError("应为 1 到 65535 的整数 (expected a whole number from 1 to 65535)")
    return int(value)


def _check_home(value: str) -> str:
    if not value:
        raise ValueError("不能为空 (must not be blank)")
    return value


_VARIABLES: Mapping[str, _Variable] = {
    "home": _Variable("./var", _check_home),
    "base_url": _Variable("http://127.0.0.1:8000", _check_url),
    "secret_keys": _Variable("", _check_keys),
    "store": _Variable("sqlite", _one_of("sqlite", "dynamodb")),
    "objects": _Variable("files", _one_of("files", "s3")),
    "mail": _Variable("maildir", _one_of("maildir", "smtp", "ses")),
    "mail_from": _Variable("zhibao@zhibao.example", _check_sender),
    "audit_key": _Variable("", _check_audit_key),
    "payload_keys": _Variable("", _check_payload_keys),
    "review_confirm": _Variable(None, _one_of("device", "link")),
    "smtp_host": _Variable(),
    "smtp_port": _Variable(587, _check_port),
    "smtp_security": _Variable("starttls", _one_of("starttls", "tls", "none")),
    "smtp_user": _Variable(),
    "smtp_password": _Variable(),
    "partition": _Variable("aws", _one_of("aws", "aws-cn")),
    "table": _Variable(),
    "bucket": _Variable(),
    "kms_key": _Variable(),
    "ses_configuration_set": _Variable(),
    "tables_function": _Variable(),
}
"""Read by hand, not by marshmallow: it is the first thing a function does, and loading the library took half as long
as a bare Flask application takes to start."""


def _read(given: Mapping[str, str]) -> dict[str, Any]:
    """The variables with their defaults. Raises `SettingsError` that names every wrong one."""
    values, wrong = dict[str, Any](), list[str]()
    for name, variable in _VARIABLES.items():
        try:
            values[name] = variable.check(given[name]) if name in given else variable.default
        except ValueError as error:
            wrong.append(f"{PREFIX}{name.upper()}: {error}")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return values


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings from environment variables. Raises `SettingsError` that names every wrong one."""
    given = {name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    values = _read(given)
    home = Path(values["home"])
    if home.exists() and not home.is_dir():
        raise SettingsError(f"{PREFIX}HOME: {home} 不是文件夹 (not a folder)")
    _check_together(values)
    keys = tuple(values["secret_keys"].split()) or _read_key_file(home)
    audit_key = values["audit_key"] or _read_audit_key(home)
    if FUNCTION_MARK in environment:
        _check_function(values, keys)
    confirm = values["review_confirm"] or ("link" if (home / DEMO_MARK).exists() else "device")
    smtp = Smtp(**{name: values[f"smtp_{name}"] for name in ("host", "port", "security", "user", "password")})
    return Settings(
        home=home,
        base_url=values["base_url"].rstrip("/"),
        secret_keys=keys,
        store=values["store"],
        objects=values["objects"],
        mail=values["mail"],
        mail_from=values["mail_from"],
        review_confirm=confirm,
        smtp=smtp,
        audit_key=audit_key,
        payload_keys=tuple(values["payload_keys"].split()) or _read_payload_keys(home),
        aws=Aws(**{field.name: values[field.name] for field in dataclass_fields(Aws)}),
    )


def _check_together(values: Mapping[str, Any]) -> None:
    """What one setting asks of another."""
    needed = {"STORE": ("dynamodb", "TABLE"), "OBJECTS": ("s3", "BUCKET"), "MAIL": ("smtp", "SMTP_HOST")}
    missing = [
        f"{PREFIX}{other}: {PREFIX}{name}={value} 时必填 (required when {PREFIX}{name}={value})"
        for name, (value, other) in needed.items()
        if values[name.lower()] == value and not values[other.lower()]
    ]
    if values["mail"] == "ses" and values["partition"] == "aws-cn":
        missing.append(f"{PREFIX}MAIL: 中国区没有 SES，请用 smtp (there is no SES in China: use smtp)")
    if missing:
        raise SettingsError("\n".join(missing))


def _check_function(values: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    """A function has no disk that lasts, and nobody to make its keys."""
    lost = [name for name, local in LOCAL.items() if values[name] == local]
    problems = [f"{PREFIX}{name.upper()}: 云函数里不能用 {LOCAL[name]} (would be lost in a function)" for name in lost]
    if not keys:
        problems.append(f"{PREFIX}SECRET_KEYS: 云函数里必填 (required in a function)")
    if problems:
        raise SettingsError("\n".join(problems))


def require_keys(settings: Settings) -> None:
    """Raises `SettingsError` when nothing could be signed."""
    if not settings.secret_keys:
        raise SettingsError(f"{PREFIX}SECRET_KEYS: 没有密钥；运行 zhibao init 会生成 (no secret keys)")


def make_home(home: Path) -> None:
    """Make the folder and its key files (0600) where they are missing; what is there is left alone."""
    home.mkdir(parents=True, exist_ok=True)
    _make_key_file(home / "secret_keys", secrets.token_urlsafe(48))
    _make_audit_key(home)


def _make_audit_key(home: Path) -> None:
    from workflows.signing import new_key

    _make_key_file(home / AUDIT_KEY, new_key())


def _make_key_file(path: Path, text: str) -> None:
    if not path.exists():
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(text + "\n", encoding="ascii")
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            pass  # another process made it at the same moment; its key is the one that counts
        finally:
            temporary.unlink()


def audit_key_of(settings: Settings) -> str:
    """The key that signs days; a home made before there was one gets its own now. Raises `SettingsError`."""
    if settings.audit_key:
        return settings.audit_key
    _make_audit_key(settings.home)
    return _read_audit_key(settings.home)


def _read_audit_key(home: Path) -> str:
    path = home / AUDIT_KEY
    if not path.exists():
        return ""
    from workflows.signing import KeyUnusable, check_key

    text = path.read_text(encoding="ascii", errors="ignore").strip()
    try:
        check_key(text)
    except KeyUnusable as error:
        raise SettingsError(f"{PREFIX}AUDIT_KEY: {path} 里没有可用的密钥 (no usable key in the file)") from error
    return text


def _read_payload_keys(home: Path) -> tuple[str, ...]:
    path = home / PAYLOAD_KEYS
    if not path.exists():
        return ()
    try:
        return tuple(_check_payload_keys(path.read_text(encoding="ascii", errors="ignore")).split())
    except ValueError as error:
        raise SettingsError(f"{PREFIX}PAYLOAD_KEYS: {path}: {error}") from error


def _read_key_file(home: Path) -> tuple[str, ...]:
    path = home / "secret_keys"
    if not path.exists():
        return ()
    keys = tuple(path.read_text(encoding="ascii", errors="ignore").split())
    if not keys or any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise SettingsError(f"{PREFIX}SECRET_KEYS: {path} 里没有可用的密钥 (no usable key in the file)")
    return keys
