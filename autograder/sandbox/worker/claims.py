"""What stands for a class of an object in another process: a claim, as every answer."""

import contextlib
import sys
from collections.abc import Sequence


def claimed_class(names: Sequence[str], protocols: Sequence[str] = ()) -> type:
    """Return a class for `isinstance` that derives from the first of these that is loaded here.

    Args:
        names: the classes of an object in another process, by module and qualified name.
        protocols: special methods that it has, as abstract classes look for them.
    """
    methods = dict.fromkeys(protocols, object.__init__)
    for name in names:
        with contextlib.suppress(Exception):  # not every class can be derived from
            if (found := loaded_class(name)) is not None:
                return type(found.__name__, (found,), methods)
    return type("object", (), methods)


def loaded_class(name: str) -> type | None:
    """Return a class if its module is loaded; nothing is imported or called to find it."""
    module, _, rest = name.rpartition(".")
    while module not in sys.modules and module:
        module, _, last = module.rpartition(".")
        rest = f"{last}.{rest}"
    found: object = sys.modules.get(module)
    for part in rest.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    return found if isinstance(found, type) else None
