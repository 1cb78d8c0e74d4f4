"""An import that is killed between its batch and the links to other sources: the links are made up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data import event_links
from data.database import DatabaseLocked
from data.event_links import link_batch, link_due_batches
from data.imports import undo_batch
from data.models import EventLink, ImportBatch
from data.worker.jobs import make_up_links
from tests.conftest import PROJECT_ROOT
from tests.data.imports.support import Street, event, write_csv

CASES = 5
KILLED = """
import os, signal, sys
from pathlib import Path
from data.database import open_engine
from data.imports import load_profile, run_import
from data.settings import read_settings
import data.event_links as event_links
event_links.SLICE = 2
link_repeats, done = event_links.link_repeats, []
def dying(*args, **keywords):
    if len(done) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(link_repeats(*args, **keywords))
    return done[-1]
event_links.link_repeats = dying
settings = read_settings()
run_import(open_engine(settings.database_url), path=Path(sys.argv[1]), kind="events",
           profile=load_profile("generic_events"), settings=settings, actor="t")
"""


def rows(source: str, prefix: str) -> list[dict[str, str]]:
    """Cases some hundred metres apart, so that each repeats one of another source and no other."""
    return [{**event(no=f"{prefix}{n}", lon=f"{103.81 + n / 200:.3f}"), "来源": source} for n in range(CASES)]


def pairs(street: Street) -> set[tuple[int, int]]:
    return {(link.event_id, link.other_id) for link in street.rows(EventLink)}


def due(street: Street) -> list[int]:
    return [batch.id for batch in street.rows(ImportBatch) if batch.links_due]


@pytest.fixture
def killed(street: Street, tmp_path: Path, request: pytest.FixtureRequest) -> Street:
    """Patrols reported five things, then the import of the calls about them was killed after some slices."""
    street.events(write_csv(tmp_path / "巡查.csv", rows("网格巡查", "A")))
    path = write_csv(tmp_path / "热线.csv", rows("12345", "B"))
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(request.param)], cwd=PROJECT_ROOT, timeout=120,
        env={**os.environ, "ONEMAP_DATABASE_URL": street.settings.database_url,
             "ONEMAP_VAR_DIR": str(tmp_path)},
        capture_output=True,
    )  # fmt: skip
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    return street


@pytest.mark.parametrize("killed", [0, 1, 2], indirect=True)
def test_the_worker_makes_up_the_links_of_a_killed_import_once(killed: Street) -> None:
    batch = killed.rows(ImportBatch)[-1]
    numbers = {one.external_no: one.id for one in killed.rows(type(killed.event("A0")))}
    assert (batch.status, batch.rows_new) == ("published", CASES)
    assert due(killed) == [batch.id]
    missing = CASES - len(pairs(killed))

    assert make_up_links(killed.engine) == f"补查 1 个批次的重复件，新增 {missing} 处"

    assert pairs(killed) == {(numbers[f"B{n}"], numbers[f"A{n}"]) for n in range(CASES)}
    assert due(killed) == []
    assert make_up_links(killed.engine) is None
    assert link_batch(killed.engine, batch_id=batch.id) == 0


@pytest.mark.parametrize("killed", [0], indirect=True)
def test_a_batch_that_was_taken_back_meanwhile_gets_no_links(killed: Street) -> None:
    batch = killed.rows(ImportBatch)[-1]
    undo_batch(killed.engine, batch_id=batch.id, actor="测试", settings=killed.settings)

    assert link_due_batches(killed.engine) == (0, 0)
    assert pairs(killed) == set()


def test_a_finished_import_leaves_nothing_to_make_up(street: Street, tmp_path: Path) -> None:
    street.events(write_csv(tmp_path / "巡查.csv", rows("网格巡查", "A")))
    street.events(write_csv(tmp_path / "热线.csv", rows("12345", "B")))

    assert len(pairs(street)) == CASES
    assert due(street) == []


def test_a_locked_database_leaves_the_rest_to_the_worker(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.events(write_csv(tmp_path / "巡查.csv", rows("网格巡查", "A")))
    link = event_links.link_repeats
    monkeypatch.setattr(event_links, "link_repeats", _locked)
    result = street.events(write_csv(tmp_path / "热线.csv", rows("12345", "B")))
    monkeypatch.setattr(event_links, "link_repeats", link)

    assert "后台任务稍后补上" in result.warnings[-1]
    assert link_due_batches(street.engine) == (1, CASES)


def _locked(*_args: object, **_keywords: object) -> int:
    raise DatabaseLocked("示例：被占用")
