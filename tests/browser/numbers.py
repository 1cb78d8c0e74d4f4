"""The one number of a view, wherever it stands; and what the map has in view."""

from __future__ import annotations

import csv
import io

from tests.browser.product import ProductPage
from tests.browser.scripts import FOCUS_IN_VIEW


def reconcile(product: ProductPage) -> int:
    """The one number of this view, the same in the row of conditions, the map, the table and the file."""
    total, shown = product.total, product.debug()["points"]
    assert shown["total"] == total
    if product.path == "":
        ranking = product.ranking
        if ranking:
            assert ranking.pop("合计") == total
            assert sum(ranking.values()) == total
    assert len(exported(product)) == total
    return total


def exported(product: ProductPage) -> list[dict[str, str]]:
    """Rows of the CSV file under the filter and moment that the map shows."""
    state = product.debug()["state"]
    answer = product.page.request.get(
        f"{product.base}/onemap/export.csv?{state['query']}", params={"at": state["at"]}
    )
    assert answer.ok
    return list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))


def sees_focus(product: ProductPage) -> None:
    """The area in focus lies within the view and is not a speck in it."""
    inside, share = product.js(FOCUS_IN_VIEW)
    assert inside >= 0
    assert share > 0.3
