"""五项清单 with their review (三报三审三回一公示), and the process tables (办理流程表).

``reading`` lists and searches, ``edit`` changes lines and their stages, ``services`` changes process
tables; ``log`` keeps who changed what and why, so that every change can be taken back.
"""

from __future__ import annotations

from data.lists.edit import (
    STAGES,
    ItemDraft,
    add_item,
    content_of,
    edit_item,
    move_item,
    proposed,
    remove_item,
    rename_list,
    undo_last,
)
from data.lists.errors import BadItem, ListError, StageRefused, StaleItem, UnknownItem
from data.lists.log import LIST_ACTION, ListAction
from data.lists.reading import (
    LIST_ITEM,
    SERVICE_ITEM,
    ListCount,
    history,
    list_counts,
    list_item,
    list_items,
    service_count,
    service_item,
    service_items,
    titles,
)
from data.lists.services import ServiceDraft, add_service, edit_service, remove_service

__all__ = [
    "LIST_ACTION",
    "LIST_ITEM",
    "SERVICE_ITEM",
    "STAGES",
    "BadItem",
    "ItemDraft",
    "ListAction",
    "ListCount",
    "ListError",
    "ServiceDraft",
    "StageRefused",
    "StaleItem",
    "UnknownItem",
    "add_item",
    "add_service",
    "content_of",
    "edit_item",
    "edit_service",
    "history",
    "list_counts",
    "list_item",
    "list_items",
    "move_item",
    "proposed",
    "remove_item",
    "remove_service",
    "rename_list",
    "service_count",
    "service_item",
    "service_items",
    "titles",
    "undo_last",
]
