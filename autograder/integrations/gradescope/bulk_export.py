"""Parses Gradescope's export: `assignment_1_export/submission_2/…`, `submission_metadata.yml`.

The metadata, which Ruby writes, say for each folder (or file) who submitted it and when:

    submission_2:
      :submitters:
      - :name: Ada Lovelace
        :sid: '101'
        :email: ada@uni.example
      :created_at: 2026-12-14 22:59:00.123456000 Z

The folder is the active submission; `:history:` lists earlier ones, which are not in the export.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import yaml

from autograder.integrations.platform_data import SubmittedFile

PLATFORM = "Gradescope"
METADATA = "submission_metadata.yml"
MAX_DEPTH = 40  # the parser in C crashes on files that are nested very deeply
SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(SAFE):  # type: ignore[misc, valid-type]
    """Loads plain data; a Ruby object becomes the mapping that stands for it."""


def _as_written(loader: Any, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return node.value if isinstance(node, yaml.ScalarNode) else None


Loader.add_multi_constructor("!ruby/", _as_written)


def read_metadata(content: bytes) -> dict[str, Any]:
    """Return the metadata of an export.

    Raises:
        ValueError: they are not in Gradescope's format.
    """
    try:
        depth = 0
        for event in yaml.parse(content, Loader=SAFE):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise ValueError("nested too deeply")
        found = yaml.load(content, Loader=Loader)  # noqa: S506
    except (yaml.YAMLError, TypeError, RecursionError) as error:
        raise ValueError(getattr(error, "problem", None) or "not YAML") from None
    if not isinstance(found, dict):
        raise ValueError("no list of submissions")  # noqa: TRY004
    return {str(name): about for name, about in found.items()}


class Export:
    """Finds the submitters of each file of an export in its metadata."""

    def __init__(self, root: str, metadata: Mapping[str, Any]) -> None:
        self._root, self._metadata = root, metadata
        people = [_submitter(p) for about in metadata.values() for p in _submitters(about)]
        self._complete = {ids[0]: ids for ids, _ in people if len(ids) > 1}

    def parse(self, path: str) -> Sequence[SubmittedFile] | str:
        """Return the file that a path stands for, for each submitter; or why there is none."""
        inside = path.removeprefix(self._root)
        folder, _, name = inside.partition("/")
        if inside == METADATA:
            return []
        about = self._metadata.get(folder)
        if not isinstance(about, dict):
            return f"is not in a folder that {METADATA} names"
        when = _time(about.get(":created_at"))
        people = [_submitter(person) for person in _submitters(about)]
        known = [(self._complete.get(ids[0], ids), label) for ids, label in people if ids]
        if len(known) < len(people) or not known:
            return f"belongs to a student for whom {METADATA} has neither e-mail nor sid"
        return [
            SubmittedFile(ids[0], name or folder, label, when=when, also=ids[1:])
            for ids, label in known
        ]


def _submitter(person: Any) -> tuple[tuple[str, ...], str]:
    """Return the identities of a submitter, and the name.

    Students can edit their sid: an e-mail address in its place may be another student's.
    """
    about = person if isinstance(person, dict) else {}
    values = (about.get(key) for key in (":email", ":sid", ":name"))
    email, sid, name = (str(v).strip() if isinstance(v, str | int) else "" for v in values)
    return tuple(filter(None, (email, "" if "@" in sid else sid))), name


def _submitters(about: Any) -> list[Any]:
    found = about.get(":submitters") if isinstance(about, dict) else None
    return found if isinstance(found, list) else []


def _time(value: Any) -> datetime | None:
    """Return a time in UTC, as Ruby writes it; one without a zone is in UTC."""
    if isinstance(value, dict):  # ActiveSupport::TimeWithZone
        value = value.get("utc")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
