"""Selects, among the files that a student submitted, the notebooks of the assignment."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.beside import is_taken
from autograder.choice import ANSWERED, Choice, Offered, by_notebook, choose, progress_of
from autograder.course import Assignment
from autograder.errors import SubmissionError
from autograder.file_names import notebook_stem
from autograder.integrations.lms.archive import UnreadableError
from autograder.notebook import Notebook, parse_notebook

SHOWN = 5  # files that a message names


@dataclass(frozen=True)
class File:
    """A submitted file: its path in the download, and the name that the student gave it.

    `inner` is the path in the student's own zip, if `path` is one.
    """

    path: str
    name: str
    order: int = 0
    inner: str = ""

    @property
    def is_notebook(self) -> bool:
        """Whether it is named as a notebook."""
        return notebook_stem(PurePosixPath(self.name).name) is not None

    @property
    def stem(self) -> str:
        """The name without folders and extension."""
        path = PurePosixPath(self.name)
        return notebook_stem(path.name) or path.stem

    @property
    def extension(self) -> str:
        """The extension of the name in lower case, such as `.zip`."""
        return PurePosixPath(self.name).suffix.casefold()


Read = Callable[[File], bytes]


@dataclass(frozen=True)
class Selection:
    """The selected files, by the names that they get, or why there is no notebook.

    `notebook` is the one to grade, `earlier` are notebooks that the student replaced, `others` what
    else was submitted.
    """

    files: Mapping[str, File] = field(default_factory=dict)
    notebook: File | None = None
    earlier: tuple[File, ...] = ()
    others: tuple[File, ...] = ()
    problem: str = ""


def select(files: Sequence[File], assignment: Assignment, read: Read) -> Selection:
    """Select the notebook to grade, its neighbours, and the files that course.yml takes.

    A notebook that the student may have meant instead keeps its own name: grading asks a person.
    """
    notebooks = [file for file in files if file.is_notebook]
    groups = by_notebook(dict.fromkeys(file.stem for file in notebooks), assignment)
    selected: dict[str, File] = {}
    earlier: list[File] = []
    for name in sorted(assignment.neighbours & groups.keys()):
        same = [file for file in notebooks if file.stem in groups.pop(name)]
        newest = _newest(same, name)
        if len(set(newest)) > 1:
            return Selection(problem=_ambiguous(newest, assignment))
        selected[f"{name}.ipynb"] = newest[0]
        earlier += [file for file in same if file not in newest]
    ours = groups.pop(assignment.notebook, [])
    same = [file for file in notebooks if file.stem in ours]
    unknown = [file for file in notebooks if any(file.stem in stems for stems in groups.values())]
    last = max((file.order for file in same), default=0)
    replaced = [file for file in same if file.order < last]
    choice = _choose([*(file for file in same if file.order == last), *unknown], assignment, read)
    if replaced and not _has_answers(choice, assignment):
        before = _choose(replaced, assignment, read)
        choice = before if _has_answers(before, assignment) else choice
    if choice.chosen is None:
        if selected and assignment.notebooks and not (same or unknown):  # only the others
            return Selection(selected, next(iter(selected.values())), tuple(earlier))
        others = tuple(file for file in files if file not in selected.values())
        if same or unknown:
            return Selection(problem=_ambiguous([*same, *unknown], assignment))
        names = f": {listed(others)}" if others else ""
        return Selection(others=others, problem=f"submitted no notebook{names}")
    notebook: File = choice.chosen.key
    for one in choice.rivals:
        selected.setdefault(f"{one.stem}.ipynb", one.key)
    selected[f"{assignment.notebook}.ipynb"] = notebook
    selected |= _taken(files, notebook, assignment)
    earlier += [file for file in replaced if file not in selected.values()]
    used = {*selected.values(), *earlier}
    others = tuple(file for file in files if file not in used)
    return Selection(selected, notebook, tuple(earlier), others)


def _choose(files: Iterable[File], assignment: Assignment, read: Read) -> Choice:
    some = [Offered(PurePosixPath(f.name).name, partial(_parsed, f, read), f) for f in files]
    return choose(some, assignment)


def _parsed(file: File, read: Read) -> Notebook:
    try:
        return parse_notebook(read(file), Path(file.name))
    except UnreadableError as error:
        raise SubmissionError(f"{file.name} {error}.") from None


def _has_answers(choice: Choice, assignment: Assignment) -> bool:
    return choice.chosen is not None and progress_of(choice.chosen, assignment) == ANSWERED


def _taken(files: Iterable[File], notebook: File, assignment: Assignment) -> dict[str, File]:
    """Return the last file of each name that course.yml takes, by its path beside a notebook."""
    folder, found = PurePosixPath(notebook.name).parent, dict[str, File]()
    for file in sorted(files, key=lambda file: file.order):
        path = PurePosixPath(file.name)
        name = str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name
        if not file.is_notebook and is_taken(name, assignment.takes):
            found[name] = file
    return found


def _newest(files: Sequence[File], name: str) -> list[File]:
    """Return the file that was submitted last; several if that is not known."""
    last = max(file.order for file in files)
    newest = [file for file in files if file.order == last]
    exact = [file for file in newest if file.stem.casefold() == name.casefold()]
    return exact or newest


def _ambiguous(files: Sequence[File], assignment: Assignment) -> str:
    return (
        f"submitted several notebooks, and it is unclear which is {assignment.notebook}: "
        f"{listed(files)}"
    )


def listed(files: Iterable[File]) -> str:
    """Return the names of the first files, and how many more there are."""
    names = sorted(file.name for file in files)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
