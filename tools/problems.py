"""What can be in the way of set-up, told in Chinese with an English line beneath."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SetupProblem(Exception):
    """Set-up cannot go on. Says what is wrong and the way out, in both languages."""

    def __init__(self, *, zh: str, remedy_zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.remedy_zh = remedy_zh
        self.en = en

    def tell(self) -> None:
        """Print the problem to the error stream."""
        print(f"\n准备工作没有完成：{self.zh}\n  办法：{self.remedy_zh}\n{self.en}", file=sys.stderr)


def say(text: str) -> None:
    """One line of progress, shown at once."""
    print(text, flush=True)


def require_writable(folder: Path) -> None:
    """Raise SetupProblem unless a file can be made in ``folder`` (made when missing)."""
    probe = folder / ".write-test"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise SetupProblem(
            zh=f"目录 {folder} 不能写入（{error.strerror}）。",
            remedy_zh="换用有权限的账号运行，或把项目放到自己的目录下；磁盘已满时先清理空间。",
            en=f"Cannot write to {folder} ({error.strerror}): use an account that may, or free disk space.",
        ) from error
