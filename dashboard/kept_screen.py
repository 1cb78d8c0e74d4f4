"""What only one run can say, a refusal or a preview, stays to be read: the screen keeps still for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st

STAYS: Final = timedelta(minutes=2)
"""How long at most; whatever the person does next ends it."""
_UNTIL: Final = "_om_kept_until"


def keep_screen() -> None:
    """Neither the beat nor others' changes draw this session's page anew before ``STAYS`` is over."""
    st.session_state[_UNTIL] = datetime.now(UTC) + STAYS


def release_screen() -> None:
    """At the begin of every whole run: it says anew what there is to say."""
    st.session_state.pop(_UNTIL, None)


def screen_is_kept() -> bool:
    until: datetime | None = st.session_state.get(_UNTIL)
    return until is not None and datetime.now(UTC) < until
