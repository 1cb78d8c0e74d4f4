"""Makes ready what one Make target needs: ``python tools/prepare.py run|test|bench|assets``.

Each step is skipped when its lock file has not changed, so that the second time costs a fraction of a second.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import environment, frontend
from tools.problems import ROOT, SetupProblem

VENV = ROOT / ".venv"
BENCH_VENV = ROOT / ".venv-bench"


def prepare(target: str) -> None:
    """Environment and front-end files for one Make target. Raises SetupProblem."""
    if target == "run":
        environment.install(ROOT / "requirements.txt", venv=VENV)
    elif target == "test":
        environment.install(ROOT / "requirements-dev.txt", venv=VENV)
    elif target == "bench":
        environment.install(ROOT / "requirements-bench.txt", venv=BENCH_VENV)
    frontend.fetch(force=target == "assets")


def main() -> int:
    """Exit code 0 when all is ready, 2 when something is in the way and has been told."""
    try:
        prepare(sys.argv[1])
    except SetupProblem as problem:
        problem.tell()
        return 2
    except KeyboardInterrupt:
        print("\n已中断；再次运行会从断开的地方继续。", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
