"""Answers the grader with hostile replies, and checks that every submission gets its record.

Conversations with real children are recorded first. Then children that are none answer: with what
was recorded, with bytes changed, with values that nobody asked for. The way from a reply to the
record, its page and the other reports is that of a real run.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from autograder.authoring.verification.cases import library_of
from autograder.course import load_course
from autograder.diagnosis.misconception import singles
from autograder.grading import batch
from autograder.grading.batch import GradingContext, grade_batch
from autograder.grading.explainer import explainer
from autograder.grading.result import GradingResult
from autograder.integrations.formats import FORMATS, Source
from autograder.integrations.nbgrader.cells import notebook_outputs, result_outputs
from autograder.reports import summary
from autograder.reports.feedback_page import write_feedback
from autograder.sandbox.warm_process import Child, Exit, WarmProcess
from autograder.sandbox.worker import wire
from autograder.sandbox.worker.kinds import KINDS, kind_of
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.plain import itemsize
from autograder.sandbox.worker.wire import ITEMSIZE, PREFIX, NamedTuple, Ref, Tensor
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from autograder.suites.linear_regression.accepted import ACCEPTED
from bench.load import notebook

ROOT = Path(__file__).parent.parent
NOBODY = (1 << 22) + 1  # larger than any process id
BATCH = 20  # submissions graded at once
SHAPES = ((), (0,), (1,), (2,), (1, 1), (3, 2), (4, 2), (2, 1), (5, 2), (9, 9), (0, 7), (1,) * 32)
OTHER_DTYPES = ("U3", "S2", "datetime64[ns]", "datetime64", "timedelta64[7D]", '[["a","U2",[]]]')
IMPOSSIBLE = ((0, 1 << 26, 1 << 26), (1 << 26, 0), (1 << 26,), (1,) * 33, (-1,), (1.5,), "3")
TEXTS = ("", "75", "\ud800", "\x1b[31m", "\0", "<script>", "`" * 99, "9" * 5000, "\U0001f600" * 999)

OF_EACH_KIND = (
    complex(math.nan, -math.inf),
    {1, "a", (2, None)},
    frozenset([b"", 2.5]),
    range(3),
    slice(None, 2),
    NamedTuple(["x"], [1]),
    Decimal("2.5"),
    Fraction(1, 3),
    date(2020, 2, 29),
    datetime(2020, 2, 29, tzinfo=UTC),
    time(12),
    timedelta(1, 2, 3),
    np.datetime64("NaT"),
    np.timedelta64(2**62, "Y"),
    np.array([[None, "a"], [1, [2]]], object),
    pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [1.5, math.nan]}),
    pd.Series(pd.Categorical(["a", "b", "a"]), name="s"),
    pd.Series([1, None], dtype="Int64"),
    pd.DatetimeIndex(["2020-01-01"], tz="Europe/Berlin"),
    pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]),
    pd.RangeIndex(3),
    pd.NA,
    pd.NaT,
)

Replies = dict[bytes, list[tuple[str, Any]]]
"""What real children answered, by the question: status and value."""


def main() -> None:
    """Answer, and print how often, and what the records say."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replies", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = fuzz(options.replies, options.seed)
    print(f"{found.sent} replies, {found.hostile} of them hostile, seed {options.seed}")
    print(f"{found.submissions} submissions, each with its record")
    if found.failures:
        sys.exit("\n".join(["judging failed:", *found.failures]))
    print("none ended the run, and none made judging fail")


class Found:
    """What a run of the fuzzer counted."""

    def __init__(self) -> None:
        self.sent = self.hostile = self.submissions = 0
        self.failures: list[str] = []


def fuzz(replies: int, seed: int) -> Found:
    """Grade submissions until the grader has had so many hostile replies.

    Raises:
        AssertionError: a submission got no record.
    """
    course = load_course(ROOT / "course.yml")
    assignment = course.assignment("linear_regression")
    solution = SourceNotebook(course, assignment).solution
    context = GradingContext(course, assignment, f"fuzz {seed}", solution=solution)
    draw, found = random.Random(seed), Found()
    with WarmProcess(assignment.preload) as warm, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = explainer(assignment, context.seed, warm, context.solution)
        submissions = list(_written(folder))
        recorder = RecordingWarm(warm)
        honest = grade_batch(submissions, context, recorder)  # type: ignore[arg-type]
        assert max(result.record.score or 0 for result in honest) == 100
        hostile = HostileWarm(recorder.replies, draw, found, folder)
        with _explained_by(known):
            while found.hostile < replies:
                results = grade_batch(submissions, context, hostile)  # type: ignore[arg-type]
                assert [r.record.student for r in results] == [s.student for s in submissions]
                for result in results:
                    _report(result, context, folder)
                    found.submissions += 1
                    if result.record.grader_error:
                        found.failures.append(str(result.record.as_json()["error"]))
    return found


def _written(folder: Path) -> Iterator[Submission]:
    """Write notebooks with right and wrong answers."""
    course = load_course(ROOT / "course.yml")
    wrong = singles(*library_of(course, course.assignments["linear_regression"]))[:: 2 * BATCH // 3]
    cells = {answer.name: answer.cells() for answer in ACCEPTED[: BATCH - len(wrong)]}
    cells |= {variant.name: [variant.source] for variant in wrong}
    for name, sources in cells.items():
        yield Submission(name, _saved(folder / f"{name}.ipynb", sources))


def _saved(path: Path, sources: Sequence[str]) -> Path:
    path.write_text(json.dumps(notebook(sources)), encoding="utf-8")
    return path


@contextmanager
def _explained_by(known: Any) -> Iterator[None]:
    """Explain with what real children have shown, instead of asking hostile ones."""
    _ = known.series, known.known
    with (
        mock.patch.object(batch, "explainer", return_value=known),
        mock.patch.object(batch, "isolation_report", return_value=""),
    ):
        yield


def _report(result: GradingResult, context: GradingContext, folder: Path) -> None:
    """Write everything that is made of a result."""
    level = context.assignment.feedback
    write_feedback(result, context.assignment, folder / "feedback")
    source = Source(context.course, context.assignment, [result.record])
    for name in ("gradescope", "github", "json", "junit"):
        FORMATS[name](source)
    summary.table([result.record], context.assignment)
    summary.findings(result.record)
    outputs = [notebook_outputs(run) for _, run in result.outputs]
    json.dumps([*outputs, *(result_outputs(task, level) for task in result.record.tasks)])


class RecordingWarm:
    """A warm process whose children are listened to."""

    def __init__(self, warm: WarmProcess) -> None:
        self._warm = warm
        self.replies: Replies = defaultdict(list)

    def fork(self, limits: Limits, *, all_of_torch: bool = False) -> Child:
        """Fork a child whose socket is recorded."""
        child = self._warm.fork(limits, all_of_torch=all_of_torch)
        return replace(child, wire=Recording(child.wire, self.replies))  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warm, name)


class Frames:
    """Puts frames together from bytes as they come."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, part: bytes) -> Iterator[Any]:
        """Add bytes, and yield the values that are complete."""
        self._bytes += part
        while len(self._bytes) >= PREFIX.size:
            n_text, n_data = PREFIX.unpack_from(self._bytes)
            end = PREFIX.size + n_text + n_data
            if len(self._bytes) < end:
                return
            frame = bytes(self._bytes[PREFIX.size : end])
            del self._bytes[:end]
            yield wire.decode(frame[:n_text], frame[n_text:])


def questions(message: Any) -> Iterator[tuple[int, bytes]]:
    """Yield the number of each answer that a message asks for, and what identifies the question."""
    number, operation, arguments = message
    asked = arguments[1] if operation == "series" else [(operation, arguments)]
    for index, question in enumerate(asked):
        yield number + index, b"\0".join(wire.encode(question))


class Recording:
    """A socket that stores which question got which answer."""

    def __init__(self, sock: Any, replies: Replies) -> None:
        self._sock, self._replies = sock, replies
        self._asked, self._answers = Frames(), Frames()
        self._open: dict[int, bytes] = {}

    def send(self, data: memoryview) -> int:
        """Send, and store the questions."""
        sent: int = self._sock.send(data)
        for message in self._asked.add(bytes(data[:sent])):
            self._open.update(questions(message))
        return sent

    def recv(self, count: int) -> bytes:
        """Receive, and store the answers."""
        part: bytes = self._sock.recv(count)
        for number, status, value in self._answers.add(part):
            with suppress(wire.WireError):  # large integers and the like are sent as something else
                wire.encode(value)
                self._replies[self._open.get(number, b"")].append((status, value))
        return part

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class HostileWarm:
    """A warm process whose children are none."""

    processor = None
    failed_imports: Mapping[str, str] = MappingProxyType({})

    def __init__(self, replies: Replies, draw: random.Random, found: Found, folder: Path) -> None:
        self._replies, self._draw, self._found = replies, draw, found
        self._all = [reply for some in replies.values() for reply in some]
        self._folder = folder / "scratch"
        self._folder.mkdir()

    def fork(self, limits: Limits, *, all_of_torch: bool = False) -> Child:
        """Return a child that answers as it likes."""
        sock = Hostile(self._replies, self._all, self._draw, self._found)
        return Child(NOBODY, sock, str(self._folder))  # type: ignore[arg-type]

    def end(self, child: Child) -> Exit:
        """Tell how it ended, if it had."""
        return Exit(self._draw.choice([0, 1, -9, -11, -24, 77]), self._draw.choice([0.0, 1e9]), 0)


class Hostile:
    """A socket that answers as a hostile child would."""

    def __init__(
        self, replies: Replies, every: Sequence[Any], draw: random.Random, found: Found
    ) -> None:
        self._replies, self._all, self._draw, self._found = replies, every, draw, found
        self._frames, self._out = Frames(), bytearray()
        self._hostility = draw.choice([0.002, 0.01, 0.1, 0.5])

    def gettimeout(self) -> None:
        """Return that there is no limit."""

    def settimeout(self, seconds: float | None) -> None:
        """Never wait."""

    def send(self, data: memoryview) -> int:
        """Take what the grader sends, and prepare answers."""
        for message in self._frames.add(bytes(data)):
            for number, question in questions(message):
                self._out += self._reply(number, question)
        return len(data)

    def recv(self, count: int) -> bytes:
        """Return answers, in pieces of any size."""
        count = self._draw.choice([1, 7, count, count, count])
        part, self._out = bytes(self._out[:count]), self._out[count:]
        return part

    def close(self) -> None:
        """Nothing is open."""

    def _reply(self, number: int, question: bytes) -> bytes:
        draw = self._draw
        self._found.sent += 1
        status, value = draw.choice(self._replies.get(question) or self._all)
        if draw.random() >= self._hostility:
            return wire.pack((number, status, value))
        self._found.hostile += 1
        match draw.randrange(9):
            case 8:
                return built(number, draw)
            case 0:
                return changed(wire.pack((number, status, value)), draw)
            case 1:
                return packed((number, *draw.choice(self._all)))
            case 2:
                return packed((number, "error", details(draw)))
            case 3:
                return packed((number, "ok", outputs(draw)))
            case 4:
                frames = (packed((number, "running", anything(draw))) for _ in range(3))
                return b"".join(frames) + packed((number, status, value))
            case 5:
                return packed(anything(draw))
            case _:
                return packed((number, "ok", anything(draw)))


def packed(value: Any) -> bytes:
    """Return a value as a frame, also one that no honest child could send."""
    text, data = wire.encode(value)
    return PREFIX.pack(len(text), len(data)) + text + data


def built(number: int, draw: random.Random) -> bytes:
    """Return a reply with a value of some kind, made of the parts of another, or of any parts."""
    parts: list[Any] = []
    with suppress(Exception):  # a value of another kind cannot be taken apart so
        other = draw.choice(OF_EACH_KIND)
        parts = list(KINDS[kind_of(type(other))].parts(other))
    for _ in range(draw.randrange(3)):
        parts[draw.randrange(len(parts) + 1) :] = [anything(draw, 2)]
    text, data = wire.encode((number, "ok", parts))
    kind = json.dumps(draw.choice(list(KINDS))).encode()
    text = text.replace(b'"ok", {"list":', b'"ok", {' + kind + b":", 1)
    return PREFIX.pack(len(text), len(data)) + text + data


def changed(frame: bytes, draw: random.Random) -> bytes:
    """Return a frame with some bytes changed, removed, repeated or added."""
    result = bytearray(frame)
    for _ in range(draw.randrange(1, 5)):
        at = draw.randrange(len(result) + 1)
        match draw.randrange(4):
            case 0:
                result[at : at + 1] = draw.randbytes(1)
            case 1:
                del result[at : at + draw.randrange(9)]
            case 2:
                result[at:at] = draw.choice([b"9", b"0", b'"', b"[", b"}", b"1e999", b"\xff"])
            case _:
                result[at:at] = result[at : at + draw.randrange(99)]
    return bytes(result)


def details(draw: random.Random) -> dict[str, Any]:
    """Return what a child might say of an exception."""
    where = {key: anything(draw, 2) for key in ("cell", "line", "source")}
    place = draw.choice([where, {"cell": 1, "line": 10**9, "source": draw.choice(TEXTS)}, None])
    # A well-formed claim that the suite's own code failed is believed, and put before a person.
    support = {"file": draw.choice(TEXTS), "line": anything(draw, 2), "certain": None}
    return {
        "type": draw.choice([*TEXTS, "NameError", "TypeError", None]),
        "message": draw.choice([*TEXTS, "name 'X' is not defined", anything(draw, 2)]),
        "where": place,
        "support": draw.choice([support, anything(draw, 2)]),
        "refused": draw.choice([True, False, anything(draw, 2)]),
    }


def outputs(draw: random.Random) -> tuple[Any, ...]:
    """Return what a child might say of a cell."""
    content = {draw.choice(["text/plain", "image/png", "text/html", ""]): anything(draw, 2)}
    one = {
        "output_type": draw.choice(["display_data", "stream", "error", "execute_result", ""]),
        "data": draw.choice([content, anything(draw)]),
        "name": draw.choice(["stdout", anything(draw, 2)]),
        "text": draw.choice([*TEXTS, anything(draw, 2)]),
        "traceback": anything(draw, 1),
        "metadata": anything(draw, 1),
    }
    skipped = draw.choice([[], [["E", "No module named 'x'", ["np"]]], anything(draw)])
    return draw.choice([[one], anything(draw)]), draw.choice([True, anything(draw)]), skipped


def anything(draw: random.Random, depth: int = 0) -> Any:
    """Return any value that can be sent."""
    if depth < 3 and draw.random() < 0.4:
        return _container(draw, depth + 1)
    match draw.randrange(11):
        case 0:
            return draw.choice([None, True, False, 0, -1, 1, 75, 2**62, b"", b"\xff"])
        case 1:
            return draw.choice(TEXTS)
        case 2:
            return draw.choice([math.nan, math.inf, -math.inf, 1e308, -0.0, 75.0])
        case 3:
            return Ref(draw.randrange(9), draw.choice(["type", "function"]), draw.random() < 0.5)
        case 4:
            return draw.choice([-1, 1]) << draw.randrange(70, 16_000)
        case 5:
            return draw.choice(OF_EACH_KIND)
        case 6:
            return impossible_tensor(draw)
        case _:
            return tensor(draw)


def _container(draw: random.Random, depth: int) -> Any:
    items = [anything(draw, depth) for _ in range(draw.randrange(4))]
    one, other = anything(draw, 3), anything(draw, depth)
    return draw.choice(
        [
            items,
            tuple(items),
            {draw.choice(["w", "b", "", 1, None, (2, "a")]): other},
            NamedTuple(["da", "db"], [one, other]),
        ]
    )


def tensor(draw: random.Random) -> Tensor:
    """Return a tensor with the bytes that it needs."""
    dtype, shape = draw.choice([*ITEMSIZE, *ITEMSIZE, *OTHER_DTYPES]), draw.choice(SHAPES)
    size = itemsize(dtype) * math.prod(shape)
    data = draw.choice([bytes(size), b"\xff" * size, draw.randbytes(size)])
    kind = draw.choice(["torch", "numpy"]) if dtype in ITEMSIZE else "numpy"
    return Tensor(kind, dtype, shape, bytes(size) if "U" in dtype else data)


def impossible_tensor(draw: random.Random) -> Tensor:
    """Return a tensor of a shape that is too large, or none."""
    dtype, shape = draw.choice(list(ITEMSIZE)), draw.choice(IMPOSSIBLE)
    return Tensor("numpy", dtype, shape, bytes(draw.randrange(9)))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
