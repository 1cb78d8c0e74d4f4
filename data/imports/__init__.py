"""Imports: from the files that a street really has to the tables, with a profile, a preview and a way back.

``readers`` turns a file into text cells, ``profile`` says which column is which field, ``rows_*`` turns the
cells into rows of a kind, ``publish`` writes them as one batch, ``undo`` takes a batch back.
"""

from __future__ import annotations

from data.imports.errors import (
    DemoPresent,
    FileProblem,
    HeaderProblem,
    ImportProblem,
    PositionProblem,
    ProfileProblem,
    UndoProblem,
)
from data.imports.preview import Preview, preview_import
from data.imports.profile import (
    Profile,
    list_profiles,
    load_profile,
    profile_from_columns,
    save_profile,
)
from data.imports.publish import run_import
from data.imports.rejects import export_rejects
from data.imports.result import Counts, ImportResult
from data.imports.template import template, template_name
from data.imports.undo import UndoResult, undo_batch

__all__ = [
    "Counts",
    "DemoPresent",
    "FileProblem",
    "HeaderProblem",
    "ImportProblem",
    "ImportResult",
    "PositionProblem",
    "Preview",
    "Profile",
    "ProfileProblem",
    "UndoProblem",
    "UndoResult",
    "export_rejects",
    "list_profiles",
    "load_profile",
    "preview_import",
    "profile_from_columns",
    "run_import",
    "save_profile",
    "template",
    "template_name",
    "undo_batch",
]
