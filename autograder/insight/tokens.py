"""Reads code as a stream of tokens, without what is free: names, layout and comments."""

import builtins
import io
import keyword
import token
import tokenize
from collections.abc import Iterator
from contextlib import suppress

KEPT = frozenset((*keyword.kwlist, *keyword.softkwlist, *dir(builtins)))
LAYOUT = (token.NEWLINE, token.NL, token.INDENT, token.DEDENT, token.ENDMARKER, token.ENCODING)
LONGEST = 100_000  # characters of a cell that are read
OWN = "self"  # what follows it and a dot are names of the student's own


def normalized(source: str) -> list[str]:
    """Return the tokens of some code, with each name of its own as the same word.

    Names of attributes are kept, since they are mostly those of libraries, but for those of `self`.
    Texts that stand alone, as docstrings do, are left out. Code is read as far as it is Python.
    """
    result: list[str] = []
    before, alone = ("", ""), True  # the last two tokens; whether a statement begins
    for kind, text in _tokens(source):
        if kind in LAYOUT:
            alone = True
            continue
        if kind == token.STRING and alone:
            continue
        own = before == (OWN, ".") or (before[1] != "." and text not in KEPT)
        result.append("name" if kind == token.NAME and own and text != OWN else text)
        before, alone = (before[1], text), False
    return result


def without_comments(source: str) -> str:
    """Return some code without comments and docstrings, which may tell who wrote it."""
    lines = source[:LONGEST].splitlines()
    alone = True
    with suppress(tokenize.TokenError, SyntaxError):
        for one in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            (row, start), (last, end) = one.start, one.end
            if one.type == token.COMMENT:
                lines[row - 1] = lines[row - 1][:start].rstrip()
            elif one.type == token.STRING and alone:
                lines[row - 1] = lines[row - 1][:start] + '"""…"""' + lines[last - 1][end:]
                lines[row:last] = [""] * (last - row)
            if one.type != token.COMMENT:
                alone = one.type in LAYOUT
    return "\n".join(line for line in lines if line.strip())


def _tokens(source: str) -> Iterator[tuple[int, str]]:
    with suppress(tokenize.TokenError, SyntaxError):
        for one in tokenize.generate_tokens(io.StringIO(source[:LONGEST]).readline):
            if one.type != token.COMMENT:
                yield one.type, one.string
