"""Takes the public tests out of a file of a suite, with what they use and nothing else.

Comments, points and all other tests stay behind.
"""

import ast
import symtable
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError
from autograder.grading.public_tests import is_public, is_task


def public_part(file: Path) -> ast.Module:
    """Return the part of a test file that students get, with the lines of the file.

    Raises:
        CourseError: a public test uses one that is not public.
    """
    tree = ast.parse(file.read_bytes(), str(file))
    kept = {node for node in tree.body if is_public(node) or _is_always_used(node)}
    waiting = list(kept)
    while waiting:
        names = _used(waiting.pop())
        found = {node for node in tree.body if node not in kept and names & set(_bound(node))}
        for node in found:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                raise CourseError(
                    f"{file}, line {node.lineno}: a public test uses {node.name}, which is not "
                    "public. Move what both need into a function of its own."
                )
        kept |= found
        waiting += found
    for node in kept:
        for call in filter(is_task, ast.walk(node)):
            call.keywords = [given for given in call.keywords if given.arg != "points"]
    return ast.Module([node for node in tree.body if node in kept], [])


def _is_always_used(node: ast.stmt) -> bool:
    """Say whether a statement has an effect on tests that do not name what it defines."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__" or node.names[0].name == "*"
    if isinstance(node, ast.FunctionDef):
        return any("autouse=True" in ast.unparse(one) for one in node.decorator_list)
    return "pytestmark" in _bound(node)


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, ast.alias):
            yield inner.asname or inner.name.partition(".")[0]
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield inner.name


def _used(node: ast.stmt) -> set[str]:
    """Return the names of the module that a statement uses, fixtures included."""
    names = set()
    tables = [symtable.symtable(ast.unparse(node), "<suite>", "exec")]
    for table in tables:
        in_module = table.get_type() == "module"
        names |= {s.get_name() for s in table.get_symbols() if in_module or s.is_global()}
        tables += table.get_children()
    if isinstance(node, ast.FunctionDef) and (node.decorator_list or is_public(node)):
        names |= {argument.arg for argument in node.args.args + node.args.kwonlyargs}
        names |= {
            word.value
            for decorator in node.decorator_list
            if "usefixtures" in ast.unparse(decorator)
            for word in ast.walk(decorator)
            if isinstance(word, ast.Constant) and isinstance(word.value, str)
        }
    return names
