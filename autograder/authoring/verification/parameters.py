"""The parameters of what a reference solution defines, and which inputs are given for them."""

import ast
from collections.abc import Sequence
from functools import cache
from typing import Any

from autograder.authoring.verification.dialogs import Dialog
from autograder.authoring.verification.inputs import key_of
from autograder.sandbox.worker.wire import Ref


def names_of_inputs(dialog: Dialog, code: str) -> dict[Any, str]:
    """Return the names of parameters that inputs are given for, by the inputs' keys."""
    known, found = signatures(code), dict[Any, str]()
    for turn in dialog.turns:
        for operation, arguments in turn.operations:
            if called := dialog.called(operation, arguments):
                *_, args, kwargs = arguments
                parameters = [name for name, _ in known.get(called, [])]
                for name, value in (*zip(parameters, args, strict=False), *kwargs.items()):
                    if not isinstance(value, str | Ref | type(None) | dict):
                        found.setdefault(key_of(value), name)
    return found


@cache
def signatures(code: str) -> dict[str, list[tuple[str, Any]]]:
    """Return the parameters of functions, classes and methods, with constant defaults."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = _parameters(node)
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    own = _parameters(method)[1:]
                    plain = method.name == "__init__"
                    found[node.name if plain else f"{node.name}(…).{method.name}"] = own
    return found


def _parameters(function: ast.FunctionDef) -> list[tuple[str, Any]]:
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    defaults: Sequence[ast.expr] = arguments.defaults
    values: list[Any] = [None] * (len(names) - len(defaults))
    values += [node.value if isinstance(node, ast.Constant) else None for node in defaults]
    return list(zip(names, values, strict=True))
