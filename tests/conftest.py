"""What every test may ask for: the shared data, a browser, and the policy on skips.

A test that cannot run on this machine is skipped with its reason in words. With ``ONEMAP_TEST_STRICT=1`` (CI)
such a skip is a failure, unless its reason begins with ``not applicable:`` (the case does not exist here, as
permission bits for root).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from xdist.remote import Producer

from tests.together import Together

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = PROJECT_ROOT.parent / "shared" / "data"
NOT_APPLICABLE = "not applicable:"

# How fast an example runs says something about the machine and nothing about the rule.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


def strict() -> bool:
    """Whether a missing tool is a failure (CI) and not a skip."""
    return os.environ.get("ONEMAP_TEST_STRICT") == "1"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Who runs what, where several workers do (``-n 2``)."""
    return Together(config, log)


_MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """A page that Streamlit ran stays behind as ``__main__``: a process started later would run it again."""
    yield
    sys.modules["__main__"] = _MAIN


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder ``../shared/data`` with the public sample files."""
    if not (SHARED_DATA / "README.md").is_file():
        pytest.skip("the public sample files in ../shared/data are not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of the system's Chromium, for Playwright's ``executable_path``; none is downloaded."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    pytest.skip("no Chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)")


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _fail_if_strict(report: Report) -> Report:
    if strict() and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        if not reason.startswith(NOT_APPLICABLE):
            report.outcome = "failed"
            report.longrepr = f"skipped, which ONEMAP_TEST_STRICT=1 forbids: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _fail_if_strict((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _fail_if_strict((yield))
