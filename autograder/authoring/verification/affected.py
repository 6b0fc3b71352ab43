"""Says which names of a solution a change affects."""

import ast

from autograder.diagnosis.names import bound_names, used_names


def affected(reference: str, other: str) -> set[str] | None:
    """Return the names that another solution defines otherwise, or whose code uses such names.

    Returns:
        the names; None if what is imported differs, or what no name stands for.
    """
    ours, theirs = (_definitions(source) for source in (reference, other))
    changed = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    if {"", "*"} & changed:
        return None
    uses = [(name, used_names(text)) for name, text in (*ours.items(), *theirs.items()) if name]
    while more := {name for name, used in uses if used & changed} - changed:
        changed |= more
    return changed


def _definitions(source: str) -> dict[str, str]:
    """Return the code that binds each name, and under "" all other statements."""
    found = {"": ""}
    for statement in ast.parse(source).body:
        is_import = isinstance(statement, ast.Import | ast.ImportFrom)
        for name in ("" if is_import else bound_names(statement)) or ("",):
            found[name] = found.get(name, "") + ast.unparse(statement)
    return found
