"""通知接收方, as a person manages them on the page. Addresses and secrets never leave the server again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from data.lifecycle import Person
from data.manage.changes import RowChange, Subject, refuse_stale, stored, write_change
from data.manage.errors import BadSetting
from data.manage.permission import Duty, require
from data.notices.receivers import (
    ReceiverError,
    ReceiverRow,
    add_receiver,
    ask_for_test,
    change_wishes,
    list_receivers,
    switch_receiver,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What a receiver is told of (empty: all), and when (local ``HH:MM``; '' none)."""

    colors: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    quiet_from: str = ""
    quiet_to: str = ""
    digest_at: str = ""

    @property
    def quiet(self) -> tuple[str, str] | None:
        return (self.quiet_from, self.quiet_to) if self.quiet_from or self.quiet_to else None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiverDraft:
    """A receiver that is not there yet. ``secret_name`` names the environment's secret, never the secret."""

    name: str
    kind: str
    address: str
    secret_name: str = ""


def add(
    session: Session, draft: ReceiverDraft, wishes: Wishes, *, person: Person | None, at: datetime
) -> int:
    """A new receiver, told of what rings from now on; returns its id.

    Raises:
        NotAllowed: role or area do not reach.
        BadSetting: a value that cannot be, or the name is taken.
    """
    acting = require(session, person, Duty.RECEIVERS, codes=_areas(wishes.areas))
    try:
        receiver_id = add_receiver(
            session, name=draft.name.strip(), kind=draft.kind, address=draft.address.strip(),
            secret_name=draft.secret_name.strip(), colors=wishes.colors, areas=wishes.areas,
            quiet=wishes.quiet, digest_at=wishes.digest_at, actor=acting.name, at=at,
        )  # fmt: skip
    except ReceiverError as error:
        raise BadSetting((str(error),)) from error
    after = stored(session, Subject.RECEIVER, id=receiver_id)
    write_change(
        session, subject=Subject.RECEIVER, key=str(receiver_id), rows=[RowChange(before=None, after=after)],
        what=f"新增接收方“{draft.name.strip()}”", actor=acting.name, at=at,
    )  # fmt: skip
    return receiver_id


def switch(
    session: Session, *, receiver_id: int, enabled: bool, seen: int, person: Person | None, at: datetime
) -> None:
    """Switches a receiver on or off. Raises ``NotAllowed``, ``StaleSetting``, ``BadSetting``."""
    found = _find(session, receiver_id)
    acting = require(session, person, Duty.RECEIVERS, codes=_areas(found.areas))
    refuse_stale(session, Subject.RECEIVER, str(receiver_id), seen=seen, name=f"接收方“{found.name}”")
    before = stored(session, Subject.RECEIVER, id=receiver_id)
    switch_receiver(session, name=found.name, enabled=enabled)
    _log(session, found, before, f"{'启用' if enabled else '停用'}接收方“{found.name}”", acting, at)


def change(
    session: Session,
    wishes: Wishes,
    *,
    receiver_id: int,
    seen: int,
    person: Person | None,
    at: datetime,
) -> None:
    """What a receiver is told of, and when: quiet hours, digest, colours, areas.

    Raises:
        NotAllowed, StaleSetting: as their names say.
        BadSetting: a value that cannot be, or nothing is different.
    """
    found = _find(session, receiver_id)
    acting = require(session, person, Duty.RECEIVERS, codes=_areas(found.areas) | _areas(wishes.areas))
    refuse_stale(session, Subject.RECEIVER, str(receiver_id), seen=seen, name=f"接收方“{found.name}”")
    before = stored(session, Subject.RECEIVER, id=receiver_id)
    try:
        change_wishes(
            session, receiver_id=receiver_id, colors=wishes.colors, areas=wishes.areas, quiet=wishes.quiet,
            digest_at=wishes.digest_at,
        )  # fmt: skip
    except ReceiverError as error:
        raise BadSetting((str(error),)) from error
    if stored(session, Subject.RECEIVER, id=receiver_id) == before:
        raise BadSetting((f"接收方“{found.name}”没有变化，没有保存",))
    _log(session, found, before, f"修改接收方“{found.name}”的通知时间和范围", acting, at)


def test(session: Session, *, receiver_id: int, person: Person | None, at: datetime) -> int:
    """Puts a test into the queue; returns the notice's number. Raises ``NotAllowed``, ``BadSetting``."""
    found = _find(session, receiver_id)
    acting = require(session, person, Duty.RECEIVERS, codes=_areas(found.areas))
    try:
        notice_id = ask_for_test(session, receiver=found, at=at)
    except ReceiverError as error:
        raise BadSetting((str(error),)) from error
    write_change(
        session, subject=Subject.RECEIVER, key=str(receiver_id), what=f"向接收方“{found.name}”发一条测试",
        actor=acting.name, at=at,
    )  # fmt: skip
    return notice_id


def _find(session: Session, receiver_id: int) -> ReceiverRow:
    found = next((one for one in list_receivers(session) if one.id == receiver_id), None)
    if found is None:
        raise BadSetting((f"没有编号为 {receiver_id} 的接收方：请刷新后再试",))
    return found


def _areas(codes: Iterable[str]) -> set[str]:
    return set(codes) or {""}


def _log(
    session: Session,
    found: ReceiverRow,
    before: dict[str, object] | None,
    what: str,
    acting: Person,
    at: datetime,
) -> None:
    after = stored(session, Subject.RECEIVER, id=found.id)
    write_change(
        session, subject=Subject.RECEIVER, key=str(found.id), rows=[RowChange(before=before, after=after)],
        what=what, actor=acting.name, at=at,
    )  # fmt: skip
