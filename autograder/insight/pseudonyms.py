"""Names and pseudonyms of students: a pseudonym says who is who, and not who somebody is."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping


def pseudonyms(students: Iterable[str], key: str = "") -> Mapping[str, str]:
    """Return a pseudonym for each student, `S001` and so on, in an order that nobody can guess.

    Args:
        students: their names.
        key: a secret, with which they are the same each time; by default, other ones each time.
    """
    secret = (key or secrets.token_hex()).encode()
    hidden = hashlib.sha256(b"pseudonyms/" + secret).digest()

    def place(student: str) -> bytes:
        return hashlib.blake2b(student.encode("utf-8", "replace"), key=hidden).digest()

    ordered = sorted(set(students), key=place)
    width = max(3, len(str(len(ordered))))
    return {student: f"S{number:0{width}}" for number, student in enumerate(ordered, 1)}
