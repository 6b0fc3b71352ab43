"""What would start processes runs in one: the same results, and a line that says so, once."""

from __future__ import annotations

import pytest

from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.one_process import JOBS, LOADING, PROCESSES
from tests.sandbox.test_libraries import confined

LOADERS = """
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

class Stream(IterableDataset):
    def __iter__(self):
        return iter(range(5))

def batches(dataset, num_workers=0, **options):
    torch.manual_seed(0)
    loader = DataLoader(dataset, num_workers=num_workers, **options)
    assert loader.num_workers == num_workers
    epochs = [[batch.tolist() for batch in loader] for _ in range(2)]
    return epochs, torch.rand(1).item()

class Numbers(torch.utils.data.Dataset):
    def __len__(self):
        return 7
    def __getitem__(self, index):
        return torch.rand(1) + index
"""
OPTIONS = (
    *("num_workers=2", "num_workers=2, persistent_workers=True", "num_workers=1, timeout=5"),
    *("num_workers=2, prefetch_factor=4", "num_workers=2, worker_init_fn=print"),
    *("num_workers=2, multiprocessing_context='spawn'", "num_workers=64", "pin_memory=True"),
)


def test_a_data_loader_gives_what_it_gives_without_workers(warm: WarmProcess) -> None:
    checks = [
        f"assert batches({dataset}, {more}, {options}) == batches({dataset}, {more})"
        for options in OPTIONS
        for dataset, more in (
            ("Numbers()", "batch_size=3, shuffle=True"),
            ("Numbers()", "batch_size=2, drop_last=True"),
            ("Stream()", "batch_size=2"),
        )
    ]
    assert confined(warm, LOADERS, "\n".join(checks)) == ["", f"[{LOADING}]\n"]


def test_its_generator_draws_as_it_does_without_workers(warm: WarmProcess) -> None:
    cell = """
def order(**options):
    seeded = torch.Generator().manual_seed(3)
    return [b.tolist() for b in DataLoader(Numbers(), shuffle=True, generator=seeded, **options)]
torch.manual_seed(0); first = order()
torch.manual_seed(0); assert order(num_workers=2) == first
"""
    confined(warm, LOADERS, cell)


PROGRAMS = {
    "pool": (
        "with mp.Pool(4) as pool:\n"
        "    assert pool.map(abs, range(-5, 0)) == [5, 4, 3, 2, 1]\n"
        "    assert pool.starmap(pow, [(2, 3)]) == [8]\n"
        "    assert list(pool.imap_unordered(abs, [-1, -2])) == [1, 2]\n"
        "    assert pool.apply_async(abs, (-3,)).get(timeout=5) == 3\n"
        "    try:\n"
        "        pool.map(int, ['x'])\n"
        "    except ValueError as error:\n"
        "        assert 'invalid literal' in str(error)\n"
    ),
    "pool by its class": (
        "from multiprocessing.pool import Pool\n"
        "pool = Pool(2, print, ['started'])\n"
        "assert isinstance(pool, Pool) and pool.map(abs, [-1]) == [1]\n"
        "pool.close(); pool.join()\n"
    ),
    "pool of another start method": "mp.get_context('spawn').Pool(2).map(abs, [-1])",
    "random numbers of a pool": (
        "import random\n"
        "random.seed(1); expected = [random.random() for _ in range(20)]\n"
        "random.seed(1); assert mp.Pool(4).starmap(random.random, [()] * 20) == expected\n"
    ),
    "executor": (
        "from concurrent.futures import ProcessPoolExecutor, as_completed\n"
        "with ProcessPoolExecutor(max_workers=4) as executor:\n"
        "    assert list(executor.map(abs, [-1, -2], chunksize=2)) == [1, 2]\n"
        "    assert [f.result() for f in as_completed([executor.submit(abs, -1)])] == [1]\n"
    ),
    "processes and a queue": (
        "def square(queue, number):\n"
        "    queue.put(number ** 2)\n"
        "queue = mp.Queue()\n"
        "processes = [mp.Process(target=square, args=(queue, n)) for n in range(3)]\n"
        "for process in processes: process.start()\n"
        "for process in processes: process.join()\n"
        "assert sorted(queue.get() for _ in processes) == [0, 1, 4]\n"
        "assert [p.exitcode for p in processes] == [0, 0, 0] and not mp.active_children()\n"
    ),
    "a shared value": (
        "value = mp.Value('i', 0)\n"
        "def count():\n"
        "    for _ in range(500):\n"
        "        with value.get_lock(): value.value += 1\n"
        "processes = [mp.Process(target=count) for _ in range(4)]\n"
        "for process in processes: process.start()\n"
        "for process in processes: process.join()\n"
        "assert value.value == 2000\n"
    ),
    "exit codes": (
        "import sys\n"
        "def end(code): sys.exit(code)\n"
        "def fail(): raise ValueError('x')\n"
        "codes = []\n"
        "for target, *args in (end, 3), (end, None), (end, 'words'), (fail,):\n"
        "    process = mp.Process(target=target, args=args)\n"
        "    process.start(); process.join(); codes.append(process.exitcode)\n"
        "assert codes == [3, 0, 1, 1], codes\n"
    ),
    "an endless process": (
        "def forever():\n"
        "    while True: pass\n"
        "process = mp.Process(target=forever)\n"
        "process.start(); process.join(0.01); assert process.is_alive()\n"
        "process.terminate(); process.join(); assert process.exitcode == -15\n"
        "process._popen._thread.join()\n"
    ),
    "a process that is a class": (
        "class Mine(mp.Process):\n"
        "    def run(self): self.done = True\n"
        "process = Mine(); process.start(); process.join(); assert process.done\n"
    ),
    "manager": (
        "with mp.Manager() as manager:\n"
        "    shared, lock = manager.dict(), manager.Lock()\n"
        "    process = mp.Process(target=shared.update, args=({1: 2},))\n"
        "    process.start(); process.join(); assert dict(shared) == {1: 2}\n"
    ),
    "barrier": (
        "barrier = mp.Barrier(2); mp.Process(target=barrier.wait).start(); barrier.wait(5)\n"
        "event = mp.Event(); mp.Process(target=event.set).start(); assert event.wait(5)\n"
    ),
    "tensors in a queue": (
        "import torch.multiprocessing as tmp\n"
        "queue = tmp.Queue(); tmp.Process(target=queue.put, args=(torch.ones(2),)).start()\n"
        "assert queue.get().tolist() == [1, 1]\n"
    ),
    "shared model": (
        "model = torch.nn.Linear(2, 1); model.share_memory(); before = model.weight.clone()\n"
        "def train():\n"
        "    model(torch.ones(1, 2)).sum().backward()\n"
        "    torch.optim.SGD(model.parameters(), 0.1).step()\n"
        "process = torch.multiprocessing.Process(target=train); process.start(); process.join()\n"
        "assert (model.weight != before).all()\n"
    ),
    "spawn": (
        "ranks = []\n"
        "torch.multiprocessing.spawn(ranks.append, nprocs=2)\n"
        "assert sorted(ranks) == [0, 1]\n"
        "try: torch.multiprocessing.spawn(lambda rank: 1 / 0, nprocs=1)\n"
        "except Exception as error: assert 'ZeroDivisionError' in str(error)\n"
    ),
    "differential evolution": (
        "from scipy.optimize import differential_evolution\n"
        "found = [differential_evolution(lambda x: (x ** 2).sum(), [(-1, 1)], workers=n, seed=1,\n"
        "         updating='deferred').x for n in (1, 2)]\n"
        "assert found[0] == found[1]\n"
    ),
}
QUIET = {
    "a semaphore made by keywords": (  # as joblib makes one when it is imported
        "from _multiprocessing import SemLock\n"
        "assert SemLock(1, 1, 1, name='/joblib', unlink=True).acquire()\n"
    ),
    "locks": (
        "lock, again, two = mp.Lock(), mp.RLock(), mp.Semaphore(2)\n"
        "assert lock.acquire() and not lock.acquire(block=False)\n"
        "assert not lock.acquire(timeout=0.01)\n"
        "assert again.acquire() and again.acquire()\n"
        "two.acquire(); assert two.get_value() == 1\n"
    ),
    "thread pool": (
        "from multiprocessing.pool import ThreadPool\n"
        "assert ThreadPool(3).map(abs, [-1, 2]) == [1, 2]\n"
        "import multiprocessing.dummy\n"
        "assert multiprocessing.dummy.Pool(2).map(abs, [-1]) == [1]\n"
    ),
    "an idle pool takes no time": (
        "import multiprocessing.pool, threading, time\n"
        "pool = multiprocessing.pool.ThreadPool(2)\n"
        "before = time.process_time(); threading.Event().wait(0.3)\n"
        "assert time.process_time() - before < 0.15\n"
    ),
    "pipes and shared arrays": (
        "one, other = mp.Pipe(); one.send([1]); assert other.recv() == [1]\n"
        "array = mp.Array('d', 3); array[0] = 2; assert array[:] == [2, 0, 0]\n"
    ),
    "more threads": (
        "torch.set_num_threads(8); torch.set_num_interop_threads(2)\n"
        "assert (torch.ones(300, 300) @ torch.ones(300, 300)).sum() == 300 ** 3\n"
    ),
}
JOBLIB = {
    "joblib": (
        "from joblib import Parallel, delayed\n"
        "for backend in ('loky', 'multiprocessing', 'threading'):\n"
        "    assert Parallel(n_jobs=2, backend=backend)(delayed(abs)(i) for i in (-1, 2)) == [1, 2]\n"
        "assert Parallel(n_jobs=-1, max_nbytes=1)(delayed(abs)(i) for i in (-1, 2)) == [1, 2]\n"
    ),
    "jobs of scikit-learn": (
        "from sklearn.datasets import load_iris\n"
        "from sklearn.ensemble import RandomForestClassifier\n"
        "from sklearn.model_selection import GridSearchCV, cross_val_score\n"
        "X, y = load_iris(return_X_y=True)\n"
        "found = []\n"
        "for n in (None, 2, -1):\n"
        "    forest = RandomForestClassifier(3, n_jobs=n, random_state=0)\n"
        "    search = GridSearchCV(forest, {'max_depth': [1, 2]}, n_jobs=n, cv=2).fit(X, y)\n"
        "    found.append((search.best_score_, cross_val_score(forest, X, y, n_jobs=n).tolist()))\n"
        "assert found[0] == found[1] == found[2]\n"
    ),
}
PREAMBLE = "import multiprocessing as mp, torch\n"


@pytest.mark.parametrize("what", PROGRAMS)
def test_processes_run_in_this_one(warm: WarmProcess, what: str) -> None:
    (printed,) = confined(warm, PREAMBLE + PROGRAMS[what])
    assert printed.count(f"[{PROCESSES}]\n") == 1


@pytest.mark.parametrize("what", JOBLIB)
def test_jobs_run_in_turn(warm: WarmProcess, what: str) -> None:
    assert confined(warm, PREAMBLE + JOBLIB[what]) == [f"[{JOBS}]\n"]


@pytest.mark.parametrize("what", QUIET)
def test_what_needs_no_process_says_nothing(warm: WarmProcess, what: str) -> None:
    assert confined(warm, PREAMBLE + QUIET[what]) == [""]


def test_it_is_said_once_in_a_notebook(warm: WarmProcess) -> None:
    cell = "import multiprocessing\nmultiprocessing.Pool(2).map(abs, [1])"
    first, second = confined(warm, cell, cell)
    assert (PROCESSES in first, PROCESSES in second) == (True, False)
