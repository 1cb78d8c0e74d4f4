"""What follows a batch of boundaries once it is committed: numbers first, then the map's pictures."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from data.divisions import settle_boundaries
from data.settings import Settings
from geo.errors import BakeError

_NO_MAP: Final = (
    "边界已{done}，但地图上画的仍是原来的边界，因为没能生成新图（{reason}）。"
    "请检查磁盘空间和数据目录的写权限，然后{remedy}。"
)


def settle(
    engine: Engine, settings: Settings, *, actor: str, batch_id: int, done: str, remedy: str
) -> tuple[str, ...]:
    """Moves open events and bakes the tiles; a warning for people where the tiles could not be written.

    The batch is committed by then: that its picture is missing must not look as if it had failed. ``done``
    says what was done with the boundaries (接入, 撤销), ``remedy`` what a person does once there is room.
    """
    try:
        settle_boundaries(engine, settings, actor=actor, batch_id=batch_id)
    except (BakeError, OSError) as error:
        return (_NO_MAP.format(done=done, reason=error, remedy=remedy),)
    return ()
