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
from autograder.suites.linear_regression.answers import FORWARD, GRADIENTS, IMPORTS, STEP
from tests.conftest import GradeCells

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
        inside = json.loads(confined(warm, path.read_text(encoding="utf-8"))[0].splitlines()[-1])
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


DATA = {
    "bundled": (
        "from sklearn import datasets\n"
        "for name in 'breast_cancer diabetes digits iris linnerud sample_images wine'.split():\n"
        "    getattr(datasets, f'load_{name}')()\n"
    ),
    "downloaded": (
        "from sklearn.datasets import fetch_california_housing, fetch_openml\n"
        "import urllib.request\n"
        "for fetch in (\n"
        "    fetch_california_housing, lambda: fetch_openml('mnist_784'),\n"
        "    lambda: urllib.request.urlopen('http://example.org'),\n"
        "):\n"
        "    try:\n"
        "        fetch()\n"
        "    except OSError as error:\n"
        "        assert 'There is no network while your notebook is graded' in str(error)\n"
        "    else:\n"
        "        raise AssertionError(fetch)\n"
    ),
    "saved and loaded": (
        "import torch\n"
        "from torch.utils.data import random_split\n"
        "seeded = torch.Generator().manual_seed(1)\n"
        "assert sorted(map(len, random_split(range(10), [7, 3], generator=seeded))) == [3, 7]\n"
        "model = torch.nn.Linear(2, 1)\n"
        "torch.save(model.state_dict(), 'm.pt'); model.load_state_dict(torch.load('m.pt'))\n"
        "torch.save(model, 'n.pt'); torch.load('n.pt', weights_only=False)\n"
        "import joblib\n"
        "joblib.dump([1], 'a.joblib'); assert joblib.load('a.joblib') == [1]\n"
        "assert joblib.Memory('cache', verbose=0).cache(abs)(-3) == 3\n"
    ),
    "compiled": (
        "import torch\n"
        "layer, x = torch.nn.Linear(2, 1), torch.ones(1, 2)\n"
        "@torch.jit.script\n"
        "def double(x): return x * 2\n"
        "assert double(x).tolist() == [[2, 2]]\n"
        "for compiled in torch.compile(layer), torch.jit.script(layer), torch.jit.trace(layer, x):\n"
        "    compiled(x).sum().backward()\n"
        "    assert compiled(x) == layer(x)\n"
    ),
    "the machine": (
        "import os, psutil, torch, numpy\n"
        "assert os.cpu_count() and psutil.virtual_memory().total\n"
        "assert psutil.Process(os.getpid()).memory_info().rss > 1 << 20\n"
        "numpy.show_runtime(); torch.__config__.parallel_info()\n"
        "with torch.profiler.profile() as profile: torch.ones(3).sum()\n"
        "profile.key_averages().table()\n"
    ),
}


@pytest.mark.parametrize("what", DATA)
def test_data_models_and_the_machine_are_as_outside(warm: WarmProcess, what: str) -> None:
    confined(warm, DATA[what])


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


WITH_LIBRARIES = """
import numpy as np
from sklearn.cluster import KMeans
from torch.utils.data import DataLoader, TensorDataset
centers = KMeans(2, n_init="auto").fit(np.arange(8.0).reshape(-1, 1)).cluster_centers_
plain_step = step
def step(X, y, model, lr=0.1):
    loader = DataLoader(TensorDataset(X, y), batch_size=len(X), num_workers=2)
    for X_batch, y_batch in loader:
        return plain_step(X_batch, y_batch, model, lr)
"""


def test_an_answer_that_uses_them_gets_all_points(grade_cells: GradeCells) -> None:
    answer = f"{STEP}\n{WITH_LIBRARIES}\nplt.title('$x^{{2$'); plt.plot([1]); plt.show()"
    plot = "import matplotlib.pyplot as plt"
    (graded,) = grade_cells(one=[IMPORTS, plot, GRADIENTS, FORWARD, answer])
    assert graded.record.score == graded.record.max_score
