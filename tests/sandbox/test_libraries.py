"""scikit-learn and torch do the same in a confined process as outside, each part of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.limits import Limits

PROGRAMS = Path(__file__).parent / "programs"
LIMITS = Limits(memory=2048 << 20, cpu=300, file_size=64 << 20, output=4 << 20)
SECONDS = TimeLimits(notebook=300, cell=300, request=10)


def confined(warm: WarmProcess, *cells: str) -> list[str]:
    """Return what cells print, each of which runs without an error."""
    run = StudentProcess(warm, cells, LIMITS, SECONDS)
    try:
        results = run.execute()
    finally:
        run.close()
    for result in results:
        errors = [o["evalue"] for o in result.outputs if o["output_type"] == "error"]
        assert (result.failure, errors, result.succeeded) == (None, [], True)
    return [
        "".join(o["text"] for o in result.outputs if o.get("name") == "stdout")
        for result in results
    ]


def same(one: Any, other: Any) -> bool:
    """Whether two results have the same shapes and nearly the same numbers, or the same error."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and one and not isinstance(one[0], int | float):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, list):
        return len(one) == len(other) and np.allclose(one, other, 1e-6, 1e-9, equal_nan=True)
    return bool(one == other)


@pytest.mark.slow
@pytest.mark.parametrize(("program", "at_least"), [("estimators", 190), ("layers", 180)])
def test_every_part_gives_the_same_result_as_outside(
    warm: WarmProcess, program: str, at_least: int
) -> None:
    path = PROGRAMS / f"{program}.py"
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    with subprocess.Popen(
        [sys.executable, path], env=os.environ | one_thread, stdout=subprocess.PIPE
    ) as script:
        inside = json.loads(confined(warm, path.read_text(encoding="utf-8"))[0])
        assert script.stdout is not None
        outside = json.loads(script.stdout.read())
    assert {name: error for name, error in outside.items() if isinstance(error, str)} == {}
    assert {name: error for name, error in inside.items() if isinstance(error, str)} == {}
    assert [name for name in outside if not same(outside[name], inside[name])] == []
    assert len(inside) == len(outside) >= at_least


def test_every_layer_loss_optimizer_and_scheduler_runs(warm: WarmProcess) -> None:
    (printed,) = confined(warm, (PROGRAMS / "layers.py").read_text(encoding="utf-8"))
    results = json.loads(printed)
    assert {name: error for name, error in results.items() if isinstance(error, str)} == {}
    assert len(results) >= 180


def test_estimators_that_ask_which_libraries_are_loaded_run(warm: WarmProcess) -> None:
    confined(
        warm,
        "import numpy as np\n"
        "from sklearn.cluster import KMeans, MiniBatchKMeans\n"
        "from sklearn.manifold import TSNE\n"
        "from sklearn.mixture import GaussianMixture\n"
        "from sklearn.neighbors import KNeighborsClassifier\n"
        "X = np.random.rand(30, 2)\n"
        "for model in KMeans(2), MiniBatchKMeans(2), GaussianMixture(2):\n"
        "    model.fit(X).predict(X)\n"
        "TSNE(perplexity=5, max_iter=250).fit_transform(X)\n"
        "KNeighborsClassifier(algorithm='brute').fit(X, X[:, 0] > 0.5).predict(X)\n",
        "import sklearn, threadpoolctl\n"
        "assert threadpoolctl.threadpool_info()\n"
        "sklearn.show_versions()\n",
    )


def test_of_proc_a_process_reads_only_a_little_about_itself(warm: WarmProcess) -> None:
    (own,) = confined(warm, "import os; print(os.getpid())")
    closed = [f"/proc/self/{name}" for name in ("environ", "mem", "smaps", "mounts", "io")]
    for pid in (os.getpid(), int(own), "{parent}", "thread-self"):
        closed += [f"/proc/{pid}/{name}" for name in ("maps", "stat", "statm")]
    confined(
        warm,
        "import os\n"
        "open('/proc/self/maps').read(1)\n"
        f"for path in {closed}:\n"
        "    try:\n"
        "        open(path.format(parent=os.getppid())).read(1)\n"
        "    except OSError:\n"
        "        continue\n"
        "    raise AssertionError(path)\n",
    )
