"""Honest work is not hindered by confinement: what notebooks commonly do still runs."""

from __future__ import annotations

import pytest

from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.limits import Limits

LIMITS = Limits(memory=2048 << 20, cpu=120, file_size=64 << 20, output=4 << 20)
SECONDS = TimeLimits(notebook=60, cell=60, request=10)

WORK = {
    "tempfile": (
        "import tempfile\n"
        "with tempfile.NamedTemporaryFile('w+') as f: f.write('x'); f.flush()\n"
        "with tempfile.TemporaryFile() as f: f.write(b'x')\n"
        "with tempfile.TemporaryDirectory() as d: open(d+'/a','w').write('x')\n"
    ),
    "savefig": (
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1,2]); plt.savefig('a.png'); plt.savefig('a.pdf'); plt.savefig('a.svg')\n"
    ),
    "mathtext": (
        "import matplotlib.pyplot as plt\n"
        "plt.title(r'$\\frac{a}{b}$', family='serif'); plt.plot([1]); plt.xlabel('ü 学'); plt.show()\n"
    ),
    "animation": (
        "import matplotlib.pyplot as plt\n"
        "from matplotlib.animation import FuncAnimation\n"
        "fig,ax=plt.subplots()\n"
        "a=FuncAnimation(fig, lambda i: ax.plot([i]), frames=3)\n"
        "h=a.to_jshtml()\n"
    ),
    "torch save": ("import torch\ntorch.save({'a': torch.zeros(2)}, 'm.pt'); torch.load('m.pt')\n"),
    "cuda": (
        "import torch\n"
        "print(torch.cuda.is_available(), torch.device('cuda' if torch.cuda.is_available() else 'cpu'))\n"
        "torch.backends.mps.is_available()\n"
    ),
    "dataloader": (
        "import torch\n"
        "from torch.utils.data import DataLoader, TensorDataset\n"
        "for b in DataLoader(TensorDataset(torch.zeros(9,1)), batch_size=3, shuffle=True): pass\n"
    ),
    "nn": (
        "import torch\n"
        "m=torch.nn.Sequential(torch.nn.Linear(3,2), torch.nn.ReLU())\n"
        "print(m(torch.zeros(1,3)))\n"
        "print(sum(p.numel() for p in m.parameters()))\n"
    ),
    "optim": (
        "import torch\n"
        "w=torch.zeros(2,requires_grad=True)\n"
        "for O in (torch.optim.SGD, torch.optim.Adam):\n"
        "    o=O([w],lr=.1); (w**2).sum().backward(); o.step(); o.zero_grad()\n"
    ),
    "func": (
        "import torch\n"
        "print(torch.func.grad(lambda x: (x**2).sum())(torch.ones(2)))\n"
        "torch.autograd.functional.jacobian(lambda x: x**2, torch.ones(2))\n"
        "torch.autograd.gradcheck(lambda x: x**2, torch.ones(2,dtype=torch.double,requires_grad=True))\n"
    ),
    "backward upstream": (
        "import torch\n"
        "w=torch.zeros(2,requires_grad=True)\n"
        "(w*2).backward(torch.ones(2))\n"
        "print(torch.autograd.grad((w*2),[w],torch.ones(2)))\n"
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as p: print(list(p.map(abs,[-1,2])))\n"
        "import threading\n"
        "t=threading.Thread(target=print); t.start(); t.join()\n"
    ),
    "asyncio": (
        "import asyncio\nawait asyncio.sleep(0.01)\nasync def f(): return 3\nprint(await f())\n"
    ),
    "asyncio.run": (
        "import asyncio\n"
        "async def f(): return 3\n"
        "asyncio.new_event_loop().run_until_complete(f())\n"
    ),
    "sklearn jobs": (
        "from sklearn.linear_model import LinearRegression, SGDRegressor\n"
        "from sklearn.model_selection import cross_val_score, GridSearchCV\n"
        "import numpy as np\n"
        "X=np.random.rand(50,1);y=X[:,0]\n"
        "print(LinearRegression(n_jobs=2).fit(X,y).coef_)\n"
        "print(cross_val_score(SGDRegressor(),X,y,cv=3))\n"
    ),
    "joblib": (
        "from joblib import Parallel, delayed\n"
        "print(Parallel(n_jobs=1)(delayed(abs)(i) for i in range(3)))\n"
        "print(Parallel(n_jobs=2, prefer='threads')(delayed(abs)(i) for i in range(3)))\n"
    ),
    "loky": (
        "from joblib import Parallel, delayed\n"
        "print(Parallel(n_jobs=2)(delayed(abs)(i) for i in range(3)))\n"
    ),
    "sklearn more": (
        "from sklearn.preprocessing import StandardScaler, PolynomialFeatures\n"
        "from sklearn.metrics import mean_squared_error, r2_score\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.datasets import load_iris, make_regression\n"
        "print(load_iris().data.shape)\n"
    ),
    "user": (
        "import getpass, os, pathlib, platform\n"
        "print(getpass.getuser(), pathlib.Path.home(), os.path.expanduser('~'), platform.platform(), platform.node(), os.cpu_count(), os.getlogin if 0 else '')\n"
    ),
    "time": (
        "import time, datetime, zoneinfo\n"
        "print(datetime.datetime.now(), datetime.datetime.now(zoneinfo.ZoneInfo('Europe/Paris')), time.strftime('%c'), time.localtime())\n"
    ),
    "timeit": (
        "%timeit -n1 -r1 sum(range(10))\n"
        "%time 1+1\n"
        "%matplotlib inline\n"
        "%config InlineBackend.figure_format='retina'\n"
        "%who\n"
        "%pwd\n"
    ),
    "time cell": ("%%time\n1+1\n"),
    "capture": ("%%capture out\nprint(1)\n"),
    "writefile": ("%%writefile helper.py\nx = 3\n"),
    "import helper": (
        "open('helper2.py','w').write('y=4')\n"
        "import importlib; importlib.invalidate_caches()\n"
        "import sys; sys.path.insert(0,'.')\n"
        "import helper2; print(helper2.y)\n"
    ),
    "files": (
        "import os, shutil, json, csv, pickle\n"
        "os.makedirs('a/b', exist_ok=True)\n"
        "json.dump({},open('a/x.json','w')); shutil.copy('a/x.json','a/b/y.json'); shutil.copy2('a/x.json','z'); shutil.move('z','a/z'); os.rename('a/z','q'); shutil.rmtree('a'); print(os.listdir('.'))\n"
        "pickle.dumps([1])\n"
    ),
    "numpy io": (
        "import numpy as np\n"
        "np.save('a.npy', np.zeros(3)); np.load('a.npy'); np.savetxt('a.txt',np.zeros(3)); np.memmap('m',dtype='f4',mode='w+',shape=(3,))\n"
        "np.random.default_rng().normal()\n"
    ),
    "numpy linalg": (
        "import numpy as np\n"
        "a=np.random.rand(300,300); np.linalg.inv(a); a@a; np.linalg.svd(a); np.fft.fft(a)\n"
    ),
    "scipy": (
        "import scipy.optimize, scipy.stats, scipy.sparse, scipy.signal, scipy.integrate, scipy.interpolate, scipy.special\n"
        "print(scipy.optimize.minimize(lambda x: x**2, 3.0).x, scipy.stats.norm.pdf(0))\n"
    ),
    "3d": (
        "import matplotlib.pyplot as plt\n"
        "from mpl_toolkits.mplot3d import Axes3D\n"
        "fig=plt.figure(); fig.add_subplot(projection='3d').plot([1],[1],[1]); plt.show()\n"
    ),
    "styles": (
        "import matplotlib.pyplot as plt\n"
        "plt.style.use('ggplot'); plt.rcParams['figure.figsize']=(3,2); print(plt.style.available[:2])\n"
        "plt.imshow([[1,2]], cmap='viridis'); plt.colorbar(); plt.show()\n"
    ),
    "logging": (
        "import logging, warnings\n"
        "logging.basicConfig(filename='x.log'); logging.warning('x'); warnings.warn('y')\n"
    ),
    "mp lock": ("import multiprocessing as mp\nprint(mp.cpu_count())\n"),
    "sysconfig": (
        "import sysconfig, importlib.metadata as m\n"
        "print(m.version('torch'), m.version('numpy'))\n"
        "import pkgutil; print(len(list(pkgutil.iter_modules()))>3)\n"
    ),
    "inspect": (
        "import inspect, torch\n"
        "print(inspect.getsource(torch.nn.Linear)[:20])\n"
        "def f(x):\n"
        "    return x\n"
        "print(inspect.getsource(f))\n"
        "help(abs)\n"
    ),
    "doctest": (
        "import doctest, unittest\n"
        "class T(unittest.TestCase):\n"
        "    def test(self): self.assertEqual(1,1)\n"
        "unittest.main(argv=[''], exit=False)\n"
    ),
    "sympy": ("import sympy\nx=sympy.symbols('x'); print(sympy.diff(x**3,x))\n"),
    "uuid": (
        "import uuid, secrets, random, hashlib\n"
        "print(uuid.uuid4(), uuid.uuid1() if 0 else '', secrets.token_hex(2), random.SystemRandom().random())\n"
    ),
    "sqlite": (
        "import sqlite3\n"
        "c=sqlite3.connect('a.db'); c.execute('create table t(x)'); c.commit(); c.close()\n"
    ),
    "zip": (
        "import zipfile, gzip, tarfile, bz2, lzma\n"
        "with zipfile.ZipFile('a.zip','w') as z: z.writestr('x','y')\n"
        "gzip.open('a.gz','wb').write(b'x')\n"
    ),
    "locale": ("import locale\nlocale.setlocale(locale.LC_ALL,'')\nprint(f'{1234:n}')\n"),
    "ctypes": ("import ctypes, ctypes.util\nprint(ctypes.util.find_library('m') or 'none')\n"),
    "dataclass": (
        "from dataclasses import dataclass\n"
        "from typing import *\n"
        "import enum, functools, itertools, collections, abc, re\n"
        "@dataclass\n"
        "class A: x: int = 0\n"
        "print(A())\n"
    ),
    "resource": (
        "import resource, gc, tracemalloc, sys\n"
        "tracemalloc.start(); print(resource.getrusage(0).ru_maxrss>0, gc.collect()>=0); tracemalloc.stop()\n"
    ),
    "signal": ("import signal\nsignal.alarm(0); signal.signal(signal.SIGALRM, signal.SIG_DFL)\n"),
    "compile": (
        "import torch\nf=torch.compile(lambda x: x*2, backend='eager')\nprint(f(torch.ones(2)))\n"
    ),
    "vmap": (
        "import torch\n"
        "print(torch.vmap(lambda x: x*2)(torch.ones(3)))\n"
        "print(torch.jit.script(torch.nn.Linear(1,1)) is not None)\n"
    ),
    "cprofile": ("import cProfile\ncProfile.run('sum(range(10))')\n"),
    "ipython": (
        "from IPython.display import display, HTML, Image, Markdown, Latex, clear_output\n"
        "display(HTML('<b>x</b>'), Markdown('x'), Latex('$x$')); clear_output()\n"
    ),
    "decimal": (
        "import decimal, fractions, statistics, math, cmath\nprint(decimal.Decimal(1)/3)\n"
    ),
    "subclass": (
        "import torch\n"
        "class L(torch.nn.Module):\n"
        "    def __init__(self): super().__init__(); self.w=torch.nn.Parameter(torch.zeros(1))\n"
        "    def forward(self,x): return x*self.w\n"
        "print(L()(torch.ones(1)))\n"
        "torch.nn.utils.clip_grad_norm_(L().parameters(),1.0)\n"
    ),
}


@pytest.mark.parametrize("what", WORK)
def test_it_runs(warm: WarmProcess, what: str) -> None:
    run = StudentProcess(warm, [WORK[what]], LIMITS, SECONDS)
    try:
        (result,) = run.execute()
    finally:
        run.close()
    errors = [o["evalue"] for o in result.outputs if o["output_type"] == "error"]
    assert (result.failure, errors, result.succeeded) == (None, [], True)


def test_two_honest_submissions_meet_no_trace_of_each_other(warm: WarmProcess) -> None:
    first = StudentProcess(warm, ["open('kept', 'w').write('x')"], LIMITS, SECONDS)
    first.execute()
    first.close()
    second = StudentProcess(warm, ["import os; os.listdir('.')"], LIMITS, SECONDS)
    (result,) = second.execute()
    second.close()
    assert result.outputs[0]["data"]["text/plain"] == "[]"
