"""A report becomes a case: numbered, kept once however often its form comes, merged where it is the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.dispatch.tables import class_on
from data.event_base import zone_of
from data.event_links import link_repeats
from data.lifecycle import (
    Draft,
    KeptFile,
    LoopError,
    Person,
    make_move,
    source_of,
    suggest_duplicates,
)
from data.lifecycle import report as begin
from data.models import Event, ReportReceipt, ResidentContact
from data.queries.area_card import masked_phone
from data.reporting.draft import OUTSIDE
from data.reporting.errors import BadReport
from data.reporting.numbers import next_number
from data.reporting.place import grid_place, place_at
from data.reporting.rates import count_report
from data.reporting.tokens import hash_of, receipt_of
from data.vocabulary import Move, Role

MOST_WORDS: Final = 500
MOST_PHOTOS: Final = 3
MOST_DIGITS: Final = 15
"""Of a telephone number (ITU-T E.164). An identity number has more and is never kept."""
_PHONE: Final = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)", re.ASCII)
_IDENTITY: Final = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])", re.ASCII)
_CONTACT: Final = re.compile(r"\+?[\d-]{5,20}", re.ASCII)
_RECEIPT: Final[Table] = ReportReceipt.__table__  # type: ignore[attr-defined]
_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportForm:
    """What was filled in. ``token``: the form's own (``tokens``), checked before.

    ``lon``/``lat`` in degrees, both None only where ``grid`` says where. ``grid``: the code on the QR code by
    which a resident came, '' for others. ``same_as``: the open case that the reporter says it is.
    """

    token: str
    class_code: str
    lon: float | None = None
    lat: float | None = None
    grid: str = ""
    words: str = ""
    contact: str = ""
    files: tuple[KeptFile, ...] = ()
    same_as: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """The case of a form. ``notes``: sentences for the reporter. ``repeated``: the form was sent before."""

    event_id: int
    external_no: str
    receipt: str
    notes: tuple[str, ...] = ()
    repeated: bool = False


def report(
    session: Session, *, form: ReportForm, person: Person, secret: bytes, at: datetime, address: str = ""
) -> Reported:
    """Begins the case of a form in the caller's write session; a form sent again leads to the same case.

    A position outside every division is reported all the same, as 未落格. What stays a case of its own is
    linked to its repeats from other sources. ``address``: whence a resident's
    form came, for the count of reports; others are not counted.

    Raises:
        BadReport: no class, no place, too many words, a contact that is none.
        TooManyReports: by residents.
        LoopError: the loop refuses.
    """
    receipt = receipt_of(secret, form.token)
    known = _known(session, form.token)
    if known is not None:
        return Reported(event_id=known[0], external_no=known[1], receipt=receipt, repeated=True)
    _check(form)
    if person.role is Role.RESIDENT:
        count_report(session, secret=secret, grid=form.grid, address=address, at=at)
    found = class_on(session, form.class_code, at.astimezone(zone_of(session)).date())
    if found is None:
        raise BadReport(f"没有代码为“{form.class_code[:20]}”的类别，请重新选择类别")
    source = source_of(person.role)
    number = next_number(session, source=source, at=at)
    code = _code(session, form)
    case = Draft(
        number=number,
        class_code=form.class_code,
        title=found.minor,
        description=without_personal(form.words.strip()),
        code=code,
        lon=form.lon,
        lat=form.lat,
        files=form.files,
    )
    event_id = begin(session, draft=case, person=person, at=at, source=source)
    _keep(session, form, event_id=event_id, receipt=receipt, at=at)
    notes = [*([] if code else [OUTSIDE]), *_merge(session, form, event_id=event_id, person=person, at=at)]
    link_repeats(session, event_ids=[event_id], at=at)
    return Reported(event_id=event_id, external_no=number, receipt=receipt, notes=tuple(notes))


def without_personal(text: str) -> str:
    """Words with mobile numbers and identity numbers made unreadable: they are read by many."""
    return _PHONE.sub(r"\1****\2", _IDENTITY.sub("（身份证号已隐去）", text))


def masked_contact(session: Session, *, event_id: int) -> str:
    """The contact that a resident left with a case, as 138****1234; '' where there is none."""
    found = session.get(ResidentContact, event_id)
    return "" if found is None else masked_phone(found.contact)


def _known(session: Session, token: str) -> tuple[int, str] | None:
    wanted = (
        select(_EVENT.c.id, _EVENT.c.external_no)
        .join(_RECEIPT, _RECEIPT.c.event_id == _EVENT.c.id)
        .where(_RECEIPT.c.form_hash == hash_of(token))
    )
    row = session.connection().execute(wanted).first()
    return None if row is None else (row.id, row.external_no)


def _check(form: ReportForm) -> None:
    if not form.class_code:
        raise BadReport("请先选择类别")
    if (form.lon is None or form.lat is None) and not form.grid:
        raise BadReport("还没有位置：请在地图上点一下，或使用本机位置")
    if len(form.words) > MOST_WORDS:
        raise BadReport(f"文字有 {len(form.words)} 字，最多 {MOST_WORDS} 字，请缩短")
    if len(form.files) > MOST_PHOTOS:
        raise BadReport(f"照片有 {len(form.files)} 张，最多 {MOST_PHOTOS} 张")
    digits = sum(letter.isdigit() for letter in form.contact)
    if form.contact and not (_CONTACT.fullmatch(form.contact) and digits <= MOST_DIGITS):
        raise BadReport("联系电话只能是数字（5 到 15 位，可带区号和横线），请勿填写身份证号；不愿留可以空着")


def _code(session: Session, form: ReportForm) -> str:
    if form.lon is None or form.lat is None:
        return form.grid
    if form.grid:
        return grid_place(session, code=form.grid, lon=form.lon, lat=form.lat)
    return place_at(session, lon=form.lon, lat=form.lat)


def _keep(session: Session, form: ReportForm, *, event_id: int, receipt: str, at: datetime) -> None:
    session.add(
        ReportReceipt(
            form_hash=hash_of(form.token), receipt_hash=hash_of(receipt), event_id=event_id, created_at=at
        )
    )
    if form.contact:
        session.add(ResidentContact(event_id=event_id, contact=form.contact, created_at=at))
    session.flush()


def _merge(session: Session, form: ReportForm, *, event_id: int, person: Person, at: datetime) -> list[str]:
    """Merges into the case that the reporter named, of those that were suggested to them.

    Where it is none of them any more, or a rule refuses, the report stands by itself and says so.
    """
    if form.same_as is None:
        return []
    suggested = suggest_duplicates(
        session, class_code=form.class_code, lon=form.lon, lat=form.lat, reported_at=at, event_id=event_id
    )
    if form.same_as not in {one.event_id for one in suggested}:
        return ["所选的同类件已办结或有变化，已作为新的一件上报"]
    try:
        make_move(
            session,
            event_id=event_id,
            seen_seq=1,
            move=Move.MERGE,
            person=person,
            at=at,
            fields={"merged_into": form.same_as},
        )
    except LoopError as error:
        return ["已作为新的一件上报" if person.role is Role.RESIDENT else f"已单独上报，没有并案：{error}"]
    return ["已与此处正在办理的同类件合并办理"]
