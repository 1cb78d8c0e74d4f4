"""What can be wrong with a request as a whole. Every message is Chinese: what is wrong, and the way out.

IntakeProblem
├── BadBody          not JSON, not a table, or not shaped as described
├── TooManyRows      more cases than one request may bring
├── KeyReused        an Idempotency-Key that stands for another request already
└── TokenProblem     a token that cannot be made or revoked
"""

from __future__ import annotations


class IntakeProblem(Exception):
    """Root of everything that stops a request as a whole; nothing has been written when it is raised."""


class BadBody(IntakeProblem):
    """The body cannot be read as cases."""


class TooManyRows(IntakeProblem):
    """More cases than one request may bring."""


class KeyReused(IntakeProblem):
    """The same Idempotency-Key came with another body before."""


class TokenProblem(IntakeProblem):
    """A token that cannot be made or revoked."""
