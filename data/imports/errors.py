"""What can be wrong with a whole import. Every message is Chinese: the bad value, where, and the way out.

ImportProblem
├── FileProblem          the file as such: empty, too big, damaged, of another kind, not decodable
├── HeaderProblem        no header row, or a column that the profile needs is missing
├── PositionProblem      all coordinates are of another system than declared
├── ProfileProblem       a mapping profile cannot be used
├── DemoPresent          real events while the demo is still in
└── UndoProblem          a batch that cannot be undone

What is wrong with one row is not an exception but a :class:`data.imports.rejects.Reject`.
"""

from __future__ import annotations


class ImportProblem(Exception):
    """Root of everything that stops an import as a whole; nothing has been written when it is raised."""


class FileProblem(ImportProblem):
    """The file is empty, too big, damaged, of another kind than its name says, or not decodable."""


class HeaderProblem(ImportProblem):
    """No header row was found, or columns that the profile needs are missing."""


class PositionProblem(ImportProblem):
    """The coordinates as a whole do not fit the declared coordinate system."""


class ProfileProblem(ImportProblem):
    """A mapping profile cannot be used."""


class DemoPresent(ImportProblem):
    """Real data are to be imported while the demo is still in the tables."""

    def __init__(self) -> None:
        super().__init__("库中还是演示数据，真实数据不能与它混在一起：请先移除演示数据，再接入。")


class UndoProblem(ImportProblem):
    """A batch that does not exist, was not published, or is a demo."""
