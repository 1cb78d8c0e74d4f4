"""Tokens say what they are for, and nobody makes one without the secret."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.reporting import (
    BadToken,
    TokenExpired,
    check_form,
    grid_of,
    grid_token,
    new_form,
    receipt_of,
    shown_receipt,
)
from data.reporting.tokens import typed_receipt
from data.secret import read_secret
from data.settings import Settings, SettingsError, read_settings
from tests.data.core.events import REPORTED_AT
from tests.data.loop.world import GRID

SECRET, OTHER = b"0123456789abcdef0123456789abcdef", b"another secret of enough letters"


def test_a_grid_s_token_leads_to_its_grid() -> None:
    assert grid_of(SECRET, grid_token(SECRET, GRID)) == GRID


@given(st.text(max_size=40))
def test_no_guess_is_a_grid_s_token(guess: str) -> None:
    for token in (guess, f"{GRID}-{guess}", f"{GRID}-{'a' * 16}", grid_token(OTHER, GRID)):
        with pytest.raises(BadToken):
            grid_of(SECRET, token)


def test_a_form_is_good_for_a_day_and_where_it_was_opened() -> None:
    token = new_form(SECRET, scope=GRID, at=REPORTED_AT)
    check_form(SECRET, token, scope=GRID, at=REPORTED_AT + timedelta(hours=24))
    with pytest.raises(TokenExpired):
        check_form(SECRET, token, scope=GRID, at=REPORTED_AT + timedelta(hours=25))
    for secret, given_token, scope in (
        (OTHER, token, GRID), (SECRET, token, "worker:1"), (SECRET, token[:-1], GRID), (SECRET, "", GRID),
    ):  # fmt: skip
        with pytest.raises(BadToken):
            check_form(secret, given_token, scope=scope, at=REPORTED_AT)


def test_a_receipt_belongs_to_its_form_and_can_be_read_out() -> None:
    one, other = (new_form(SECRET, scope=GRID, at=REPORTED_AT) for _ in range(2))
    receipt = receipt_of(SECRET, one)
    assert receipt == receipt_of(SECRET, one) != receipt_of(SECRET, other)
    assert len(receipt) == 16
    assert not set(receipt) & set("01IO")
    assert typed_receipt(f" {shown_receipt(receipt).lower()} ") == receipt
    assert typed_receipt("https://example.invalid") == typed_receipt("") == ""


def test_the_secret_is_made_once_and_only_its_owner_reads_it(settings: Settings) -> None:
    made = read_secret(settings)
    path = settings.var_dir / "secret"
    assert made == read_secret(settings)
    assert len(made) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(one.name for one in settings.var_dir.iterdir() if one.name.startswith("tmp")) == []


def test_a_damaged_or_unwritable_secret_is_named(settings: Settings) -> None:
    (settings.var_dir / "secret").write_text("kurz")
    with pytest.raises(SettingsError, match="已损坏"):
        read_secret(settings)
    blocked = replace(settings, var_dir=settings.var_dir / "secret")
    with pytest.raises(SettingsError, match="ONEMAP_SECRET"):
        read_secret(blocked)


def test_the_environment_may_give_secret_and_address() -> None:
    found = read_settings({"ONEMAP_SECRET": "s" * 32, "ONEMAP_PUBLIC_URL": "https://demo.invalid:8443/"})
    assert read_secret(found) == b"s" * 32
    assert found.public_url == "https://demo.invalid:8443"
    assert "ssss" not in repr(found)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ONEMAP_SECRET", "short", "只有 5 个字符，至少要 32 个"),
        ("ONEMAP_PUBLIC_URL", "demo.invalid", "请填居民能打开的网址"),
        ("ONEMAP_PUBLIC_URL", "ftp://demo.invalid", "请填居民能打开的网址"),
        ("ONEMAP_PUBLIC_URL", "https://demo.invalid/jie?a=1", "后面不带路径和参数"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_settings({name: value})
