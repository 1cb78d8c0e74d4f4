"""Colour tokens. Every text colour has a contrast of at least 4.5 : 1 on both surfaces of its theme.

Status colours stand for status only, and a sign always stands beside them (``data.labels.SLA_SIGN``).
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Theme: TypeAlias = Literal["light", "dark"]

TOKENS: Final[dict[Theme, dict[str, str]]] = {
    "light": {
        "surface": "#FFFFFF",
        "ground": "#F4F6FA",
        "raised": "#FFFFFF",
        "hover": "#E9EFF9",
        "line": "#D5DCE8",
        "text": "#172033",
        "muted": "#55617A",
        "accent": "#1F5FBF",
        "on-accent": "#FFFFFF",
        "accent-soft": "#E4EDFB",
        "in_time": "#2563C9",
        "soon": "#9A5B00",
        "overdue": "#C2281D",
        "overdue-soft": "#FCEBE9",
        "soon-soft": "#FBF1E0",
        "done": "#1B7A4B",
        "suspended": "#5C6474",
        "no_limit": "#55617A",
        "done_late": "#8A4B12",
        "better": "#4B2E83",
        "worse": "#8F3B00",
        "bar": "#9DBBE8",
        "shadow": "0 6px 24px rgba(23, 32, 51, .16)",
    },
    "dark": {
        "surface": "#13213A",
        "ground": "#0B1526",
        "raised": "#1A2B49",
        "hover": "#20345A",
        "line": "#2A3B5C",
        "text": "#E8EEF9",
        "muted": "#9FB0CC",
        "accent": "#6BA6FF",
        "on-accent": "#0B1526",
        "accent-soft": "#1C345E",
        "in_time": "#6BA6FF",
        "soon": "#FFC04D",
        "overdue": "#FF7468",
        "overdue-soft": "#3A2030",
        "soon-soft": "#352C22",
        "done": "#4FD39A",
        "suspended": "#9CA6B8",
        "no_limit": "#9FB0CC",
        "done_late": "#F0A56B",
        "better": "#C9B3F5",
        "worse": "#FFB27A",
        "bar": "#3D6199",
        "shadow": "0 6px 24px rgba(0, 0, 0, .5)",
    },
}


def css_variables(theme: Theme) -> str:
    """The tokens of one theme as CSS custom properties ``--om-…`` on the root."""
    pairs = "".join(f"--om-{name}:{value};" for name, value in TOKENS[theme].items())
    return f":root{{{pairs}}}"
