"""Who may send cases or readings: tokens, shown once, kept only as their SHA-256, revoked for good."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.imports.profile import load_profile
from data.intake.errors import TokenProblem
from data.labels import BATCH_KIND, SOURCE, label
from data.models import IntakeToken
from data.models.base import column
from data.settings import Settings
from data.vocabulary import BatchKind, TokenScope

PREFIX: Final = "onemap_"
"""So that a token that lies somewhere it should not is recognised as one."""
DEFAULT_PROFILE: Final = "generic_events"
DEFAULT_REQUESTS_A_MINUTE: Final = 60
MOST_REQUESTS_A_MINUTE: Final = 6_000
_SPELLED: Final = re.compile(PREFIX + r"[A-Za-z0-9_\-]{43}")
_NAME_LENGTH: Final = 64
_SOURCE: Final = re.compile(r"[\w\-]{1,32}")


def create_token(
    session: Session,
    *,
    name: str,
    source: str,
    settings: Settings,
    profile: str = DEFAULT_PROFILE,
    requests_a_minute: int = DEFAULT_REQUESTS_A_MINUTE,
    scope: TokenScope = TokenScope.CASES,
) -> str:
    """Makes a token in the caller's write session and gives it; it cannot be shown again.

    ``source`` is a key or label of ``labels.SOURCE``, or a key of the street's own. A token sends what its
    ``scope`` says and nothing else; one for readings needs no profile.

    Raises:
        TokenProblem: the name is taken, or something does not fit.
        ProfileProblem: there is no such profile.
    """
    plain = name.strip()
    if not 1 <= len(plain) <= _NAME_LENGTH or not plain.isprintable():
        raise TokenProblem(f"令牌的名称“{name[:80]}”不能用：请写 1 到 {_NAME_LENGTH} 个字，说明是谁在用。")
    known = {text: key for key, spelled in SOURCE.items() for text in (key, spelled)}
    key = known.get(source.strip(), source.strip())
    if not _SOURCE.fullmatch(key):
        options = "、".join(f"{key}（{spelled}）" for key, spelled in SOURCE.items())
        raise TokenProblem(f"来源“{source[:80]}”不能用：可写 {options}，或不超过 32 个字的自有来源。")
    if not 1 <= requests_a_minute <= MOST_REQUESTS_A_MINUTE:
        raise TokenProblem(
            f"每分钟次数 {requests_a_minute} 不能用：应在 1 到 {MOST_REQUESTS_A_MINUTE} 之间。"
        )
    used = "" if scope is TokenScope.READINGS else _profile(profile, settings)
    if session.execute(select(IntakeToken).where(column(IntakeToken.name) == plain)).first():
        raise TokenProblem(f"已有名为“{plain}”的令牌：请换一个名称，停用的名称也不再使用。")
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(
        IntakeToken(
            name=plain, source=key, profile=used, token_hash=_hash(token), scope=scope.value,
            requests_a_minute=requests_a_minute, created_at=datetime.now(UTC),
        )
    )  # fmt: skip
    session.flush()
    return token


def _profile(name: str, settings: Settings) -> str:
    found = load_profile(name, settings=settings)
    if found.kind is not BatchKind.EVENTS:
        raise TokenProblem(
            f"接入方案“{name}”接入的是{label(BATCH_KIND, found.kind)}，接口只接入事件：请换一个。"
        )
    return found.name


def revoke_token(session: Session, *, name: str) -> None:
    """From now on the token opens nothing. Raises TokenProblem where there is none that could be revoked."""
    found = session.execute(
        select(IntakeToken).where(column(IntakeToken.name) == name.strip())
    ).scalar_one_or_none()
    if found is None:
        raise TokenProblem(f"没有名为“{name[:80]}”的令牌：用 intake-token list 查看有哪些。")
    if found.revoked_at is not None:
        raise TokenProblem(f"令牌“{found.name}”已经停用。")
    found.revoked_at = datetime.now(UTC)
    session.add(found)
    session.flush()


def list_tokens(session: Session) -> list[IntakeToken]:
    """All tokens, the oldest first."""
    return list(session.execute(select(IntakeToken).order_by(column(IntakeToken.id))).scalars())


def find_token(session: Session, *, token: str) -> IntakeToken | None:
    """The token that was given, revoked or not; None where there is no such one."""
    if not _SPELLED.fullmatch(token):
        return None
    query = select(IntakeToken).where(column(IntakeToken.token_hash) == _hash(token))
    return session.execute(query).scalar_one_or_none()


def _hash(token: str) -> str:
    # 256 random bits need no slow hash, and the lookup by hash tells nothing by how long it takes.
    return hashlib.sha256(token.encode()).hexdigest()
