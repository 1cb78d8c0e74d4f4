"""考评 by the four sources of the papers: 自评、互评、群众评、第三方评 (DOMAIN section 7, 6, 25 and 34).

``periods`` are months, quarters and years (三考) and when they close; ``judge`` is who may say what of whom,
and the way back; ``table`` is what it adds up to. 群众评 is what residents said of their cases.
"""

from __future__ import annotations

from data.evaluation.judge import judge, set_weights, take_back, why_not_judged
from data.evaluation.periods import Period, parse_period, recent_periods
from data.evaluation.table import (
    Cell,
    EvaluationTable,
    UnitKind,
    UnitRow,
    cases_behind,
    entries,
    evaluation_table,
    newest_judged_month,
)

__all__ = [
    "Cell",
    "EvaluationTable",
    "Period",
    "UnitKind",
    "UnitRow",
    "cases_behind",
    "entries",
    "evaluation_table",
    "judge",
    "newest_judged_month",
    "parse_period",
    "recent_periods",
    "set_weights",
    "take_back",
    "why_not_judged",
]
