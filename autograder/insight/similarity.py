"""Finds submissions that share code which few others have, whatever its names and layout.

It is winnowing, as in MOSS (Schleimer, Wilkerson and Aiken, 2003): every run of `GRAM` tokens has a
hash, and of every `WINDOW` hashes in a row the least is a fingerprint. So what two submissions have
in common in at least `GRAM + WINDOW - 1` tokens gives them a fingerprint in common. Fingerprints of
the released notebook do not count, nor do those that many have: a short task has few right answers.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from zlib import crc32

from autograder.insight.tokens import normalized

GRAM, WINDOW = 8, 5  # tokens
MANY = 10  # a fingerprint of more submissions is common, as in MOSS
FEWEST = 3  # a small class: at least so many must have a fingerprint for it to be common
PART = 0.05  # of a class
RARE = 5  # fingerprints in common that few others have, from which a pair is listed
SHARE = 0.6  # of the fingerprints of the shorter one, from which a pair is listed


@dataclass(frozen=True)
class Similar:
    """Two submissions with code in common.

    `share` is how much of the shorter one's fingerprints are in common, `rare` how many of those
    in common few others have. `same` says whether all of their code is the same, up to names,
    layout and comments.
    """

    first: str
    second: str
    share: float
    rare: int
    same: bool


def fingerprints(tokens: Sequence[str]) -> frozenset[int]:
    """Return the fingerprints of some tokens, by winnowing."""
    encoded = [crc32(one.encode("utf-8", "replace")) for one in tokens]
    hashes = [hash(tuple(encoded[n : n + GRAM])) for n in range(max(len(encoded) - GRAM + 1, 0))]
    if len(hashes) <= WINDOW:
        return frozenset(hashes and [min(hashes)])
    return frozenset(min(hashes[n : n + WINDOW]) for n in range(len(hashes) - WINDOW + 1))


class Compared:
    """Collects the code of a class, and finds what is similar.

    Args:
        released: the cells that students were given.
    """

    def __init__(self, released: Iterable[str] = ()) -> None:
        self._given = {cell.strip() for cell in released}
        self._released = frozenset[int]().union(*(fingerprints(normalized(c)) for c in self._given))
        self._prints: dict[str, frozenset[int]] = {}
        self._whole: dict[str, int] = {}

    def add(self, student: str, cells: Iterable[str]) -> None:
        """Add the cells of a submission."""
        own = [normalized(cell) for cell in cells if cell.strip() not in self._given]
        self._prints[student] = frozenset[int]().union(*map(fingerprints, own)) - self._released
        self._whole[student] = hash(tuple(tuple(cell) for cell in own if cell))

    def similar(self) -> list[Similar]:
        """Return the pairs that have much in common which few others have, the most first."""
        shared = Counter[tuple[str, str]]()
        for students in self._having().values():
            shared.update(combinations(students, 2))
        found = [one for pair, rare in shared.items() if (one := self._pair(*pair, rare))]
        return sorted(found, key=lambda one: (-one.rare * one.share, one.first, one.second))

    def _having(self) -> Mapping[int, Collection[str]]:
        """Return who has each fingerprint that two or a few have."""
        having: dict[int, list[str]] = {}
        for student in sorted(self._prints):
            for one in self._prints[student]:
                having.setdefault(one, []).append(student)
        most = max(FEWEST, min(MANY, int(PART * len(self._prints))))
        return {one: students for one, students in having.items() if 1 < len(students) <= most}

    def _pair(self, first: str, second: str, rare: int) -> Similar | None:
        one, other = self._prints[first], self._prints[second]
        share = len(one & other) / min(len(one), len(other))
        if rare < RARE or share < SHARE:
            return None
        return Similar(first, second, share, rare, self._whole[first] == self._whole[second])
