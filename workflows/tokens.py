"""API tokens: one role, one territory, at most a year. The token itself is shown once; only its hash is kept."""

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import timedelta

from register.seats import Role
from workflows.permissions import ENTERPRISE
from workflows.ports import ApiToken
from workflows.services import Services

LONGEST = 366
PREFIX = "zhb_"
WRITES_A_MINUTE = 60
"""Saves and sendings of one token; an enterprise files one or two returns a year."""


class TokenRefused(ValueError):
    """A token that may not be made, or is not known; the text says why."""


def create_token(services: Services, *, role: str, territory: str, days: int) -> tuple[str, ApiToken]:
    """A new token, and what is kept of it. Raises `TokenRefused`."""
    if role not in {Role.OFFICE.value, ENTERPRISE}:
        raise TokenRefused(f"--role: “{role}” 应为 office 或 enterprise (expected office or enterprise)")
    if not 1 <= days <= LONGEST:
        raise TokenRefused(f"--days: 应为 1 到 {LONGEST} (expected 1 to {LONGEST})")
    _check_territory(services, role, territory)
    secret = PREFIX + secrets.token_urlsafe(32)
    now = services.clock.now()
    token = ApiToken(secrets.token_hex(4), _digest(secret), role, territory, now, now + timedelta(days=days))
    services.store.put_token(token)
    return secret, token


def revoke_token(services: Services, token_id: str) -> ApiToken:
    """End a token now. Raises `TokenRefused` when it is not known."""
    for token in services.store.tokens():
        if token.id == token_id:
            revoked = replace(token, revoked_at=token.revoked_at or services.clock.now())
            services.store.put_token(revoked)
            return revoked
    raise TokenRefused(f"没有编号为 {token_id} 的令牌 (no such token)")


def read_token(services: Services, secret: str) -> ApiToken | None:
    """The live token behind a secret, or None."""
    digest = _digest(secret[:200])
    token = services.store.token_by_digest(digest)
    if token is None or not hmac.compare_digest(token.digest, digest):
        return None
    expired = services.clock.now() >= token.expires_at
    return None if expired or token.revoked_at is not None else token


def seconds_to_wait(services: Services, token: ApiToken) -> int:
    """Count one writing request of a token: 0 if it may go on, else the seconds until it may.

    One note a token holds its minute and its count. Two requests at once may count as one: this keeps a program that
    runs wild from filling the store, it is no account.
    """
    now = int(services.clock.now().timestamp())
    note, minute = f"api-writes:{token.id}", str(now // 60)
    was, _, count = (services.store.mark(note) or "").partition(" ")
    so_far = int(count) if was == minute else 0
    if so_far >= WRITES_A_MINUTE:
        return 60 - now % 60
    services.store.set_mark(note, f"{minute} {so_far + 1}")
    return 0


def _check_territory(services: Services, role: str, territory: str) -> None:
    """An office's territory is a region, an enterprise's is its own unit."""
    kind = "units" if role == ENTERPRISE else "regions"
    snapshot = services.store.current(kind)
    if snapshot is None:
        raise TokenRefused("名录库还是空的 (the register is empty)")
    if role == ENTERPRISE:
        if services.store.unit(snapshot, territory) is None:
            raise TokenRefused(f"--unit: 名录库里没有 {territory} (not in the register)")
    elif territory not in services.store.regions(snapshot):
        raise TokenRefused(f"--region: 没有行政区划 {territory} (unknown region)")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
