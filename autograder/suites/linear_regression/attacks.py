"""Dishonest submissions: worthless answers with an attack that must not gain a point.

Somebody could submit each of them. `{secrets}` stands for the folder of a course and `{port}`
for a port that the tests listen on.
"""

from __future__ import annotations

from .answers import STEP, Answer, forward

GRADIENTS = "def polynomial_gradients(a, b):\n    return 0.0, 0.0\n"
NOTHING = "torch.zeros(len(x), self.b.shape[0])"
FORWARD = forward(f"return {NOTHING}")
WORTHLESS_STEP = "def step(X, y, model, lr=0.1):\n    return 0.0\n"

WORTHLESS = Answer("worthless", GRADIENTS, FORWARD, WORTHLESS_STEP)


def answers(expression: str) -> dict[str, str]:
    """Return the three answers, each of which returns an expression."""
    return {
        "gradients": f"def polynomial_gradients(a, b):\n    return {expression}\n",
        "forward": forward(f"return {expression}"),
        "step": f"def step(X, y, model, lr=0.1):\n    return {expression}\n",
    }


def attack(name: str, *cells: str, before: str = "", **parts: str) -> Answer:
    """Return worthless answers with an attack in cells after (or before) them."""
    parts = {"gradients": GRADIENTS, "forward": FORWARD, "step": WORTHLESS_STEP} | parts
    answers = parts["gradients"], parts["forward"], parts["step"]
    return Answer(name, *answers, before=(before,) if before else (), after=cells)


def in_calls(name: str, code: str, before: str = "") -> Answer:
    """Return worthless answers that attack whenever a test calls them."""
    body = "def attack(result=(0.0, 0.0)):\n" + "".join(
        f"    {line}\n" for line in code.splitlines()
    )
    calls = {
        "gradients": "def polynomial_gradients(a, b):\n    return attack()\n",
        "forward": forward(f"return attack({NOTHING})"),
        "step": "def step(X, y, model, lr=0.1):\n    return attack(0.0)\n",
    }
    return attack(name, before=f"{before}\n{body}    return result\n", **calls)


SHELL = "import sys\nshell = sys.modules['IPython'].get_ipython()\n"
CHILD = """\
import gc, sys
child = next(o for o in gc.get_objects() if type(o).__name__ == 'Child')
"""

# Answers that claim to equal anything they are compared with.
YES = """\
class Yes:
    shape, dtype, ndim, size, data = (1,), 'float32', 0, 1, b''
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __float__(self): return 75.0
    def __abs__(self): return self
    def __len__(self): return 2
    def __getitem__(self, i): return self
    def __iter__(self): return iter((self, self))
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __le__(self, other): return True
    __lt__ = __ge__ = __gt__ = __le__
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__
"""
AGREEABLE = (
    attack("equal_to_everything", before=YES, **answers("Yes()")),
    attack("pairs_equal_to_everything", before=YES, **answers("(Yes(), Yes())")),
    attack(
        "tensor_subclass_agrees",
        before="""\
        class Agrees(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return True
        """,
        **answers("torch.zeros(1).as_subclass(Agrees)"),
    ),
    attack(
        "array_subclass_agrees",
        before="""\
        import numpy as np
        class Agrees(np.ndarray):
            def __array_ufunc__(self, *args, **kwargs): return True
            def __eq__(self, other): return True
        """,
        **answers("np.zeros(2).view(Agrees)"),
    ),
    attack(
        "float_subclass_agrees",
        before="""\
        class Agrees(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            __rsub__ = __sub__
            def __abs__(self): return 0.0
        """,
        **answers("(Agrees(), Agrees())"),
    ),
    attack(
        "tuple_subclass_lies",
        before="""\
        class Pair(tuple):
            def __len__(self): return 2
            def __getitem__(self, i): return 75.0
        """,
        **answers("Pair()"),
    ),
    attack("nan", **answers("float('nan')")),
    attack("nan_pairs", **answers("(float('nan'), float('nan'))")),
    attack("nan_tensor", **answers("torch.full((2,), float('nan'))")),
    attack("infinity", **answers("(float('inf'), float('-inf'))")),
    attack("nothing", **answers("None")),
    attack("true", **answers("(True, True)")),
    attack("ellipsis", **answers("...")),
    attack("broadcasting", **answers("torch.zeros(1, 1, 1)")),
    attack("empty_tensor", **answers("torch.zeros(0)")),
    attack("zero_sized", **answers("torch.zeros(2, 0)")),
    attack("complex", **answers("torch.zeros(2, dtype=torch.complex64)")),
    attack("sparse", **answers("torch.zeros(2, 2).to_sparse()")),
    attack("meta", **answers("torch.zeros(2, device='meta')")),
    attack("object_array", before="import numpy as np", **answers("np.array([None, None])")),
    attack("text_numbers", **answers("('75', '-12')")),
    attack("huge_integer", **answers("(10 ** 5000, -(10 ** 5000))")),
    attack("the_function_itself", **answers("polynomial_gradients")),
    attack("itself_in_a_list", before="loop = []; loop.append(loop)", **answers("loop")),
)

# Looking for the expected values.
LOOKING = (
    in_calls(
        "frames",
        """\
import sys
frame = sys._getframe()
while frame:
    for value in list(frame.f_locals.values()):
        if 'expected' in repr(value)[:200]: result = value
    frame = frame.f_back""",
    ),
    in_calls(
        "garbage_collector",
        """\
import gc
for thing in gc.get_objects():
    if isinstance(thing, dict) and 'expected' in thing: result = thing['expected']""",
    ),
    attack(
        "imports_the_reference",
        """\
        from autograder.suites.linear_regression import reference
        polynomial_gradients = reference.polynomial_gradients
        """,
    ),
    attack(
        "runs_the_reference_file",
        """\
        import autograder, pathlib
        folder = pathlib.Path(autograder.__file__).parent / 'suites' / 'linear_regression'
        for path in (folder / 'reference.py', folder / 'support' / 'model.py'):
            exec(path.read_text())
        """,
    ),
    attack(
        "runs_the_solution", "%run {secrets}/solutions/linear_regression/linear_regression.ipynb"
    ),
    attack("reads_the_course", "print(open('{secrets}/course.yml').read())"),
    attack("lists_the_course", "import os; print(os.listdir('{secrets}'))"),
    attack(
        "reads_other_submissions",
        """\
        import pathlib
        for path in pathlib.Path('{secrets}').rglob('*.ipynb'):
            print(path.read_text())
        """,
    ),
    attack(
        "looks_around",
        "import os; [print(open(p).read()) for p in ('/etc/passwd', '/etc/hostname')]",
    ),
    attack(
        "reads_the_history",
        "import os, pathlib; print((pathlib.Path.home() / '.bash_history').read_text())",
    ),
    attack(
        "environment",
        "import os; assert not set(os.environ) & {{'AUTOGRADER_SEED', 'SECRET'}}".replace(
            "{{", "{"
        ).replace("}}", "}"),
    ),
    attack(
        "steals_what_is_lent",
        """\
        import builtins
        real = builtins.compile
        def spying(source, filename, *args, **kwargs):
            if filename == 'model.py':
                space = {'torch': torch}
                exec(real(source, filename, 'exec'), space)
                Linear.forward = space['Linear'].forward
            return real(source, filename, *args, **kwargs)
        builtins.compile = spying
        """,
    ),
    attack(
        "own_memory",
        "import re\nprint([line for line in open('/proc/self/maps') if 'heap' in line])",
    ),
    attack("memory_of_the_parent", "import os; open(f'/proc/{os.getppid()}/mem', 'rb').read(1)"),
    attack(
        "reads_through_ctypes",
        """\
        import ctypes, os
        libc = ctypes.CDLL(None)
        print(libc.open(b'{secrets}/course.yml', 0), libc.ptrace(16, os.getppid(), 0, 0))
        """,
    ),
    attack(
        "links_to_the_course",
        "import os; os.symlink('{secrets}/course.yml', 'mine'); print(open('mine').read())",
    ),
    attack(
        "hard_link",
        "import os; os.link('{secrets}/course.yml', 'mine'); print(open('mine').read())",
    ),
    attack(
        "walks_up", "import os\nfor _ in range(9):\n    os.chdir('..')\n    print(os.listdir())"
    ),
    attack("guesses_the_seed", "torch.manual_seed(2026)\nimport numpy as np; np.random.seed(2026)"),
)

# Tampering with the machinery that carries the answers.
BENDING = (
    attack("leaves_in_a_cell", "import os; os._exit(0)"),
    in_calls("leaves_in_calls", "import os; os._exit(0)"),
    in_calls("system_exit", "raise SystemExit(0)"),
    in_calls("keyboard_interrupt", "raise KeyboardInterrupt"),
    in_calls("generator_exit", "raise GeneratorExit"),
    in_calls("pytest_skip", "import pytest; pytest.skip('please')"),
    in_calls("pytest_exit", "import pytest; pytest.exit('done', returncode=0)"),
    in_calls("unittest_skip", "import unittest; raise unittest.SkipTest('please')"),
    in_calls(
        "exception_called_passed",
        "raise type('Skipped', (Exception,), {'__module__': '_pytest.outcomes'})('passed')",
    ),
    in_calls(
        "exception_without_text",
        "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})()",
    ),
    in_calls("exception_too_long", "raise ValueError('x' * 50_000_000)"),
    in_calls("exception_of_emoji", "raise ValueError(chr(0x1F600) * 10_000)"),
    in_calls("exception_chain", "e = ValueError()\ne.__cause__ = e\nraise e"),
    in_calls("not_filled_in_forever", "raise NotImplementedError"),
    attack(
        "at_exit", "import atexit; atexit.register(lambda: open('results.json', 'w').write('100'))"
    ),
    attack(
        "thread_that_writes",
        """\
        import threading
        def work():
            while True:
                for name in ('results.json', 'gradebook.db'):
                    open(name, 'w').write('100')
        threading.Thread(target=work, daemon=True).start()
        """,
    ),
    attack(
        "signals",
        """\
        import signal
        for number in range(1, 65):
            try: signal.signal(number, lambda *a: None)
            except (OSError, ValueError): pass
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        """,
    ),
    attack(
        "patches_torch",
        """\
        torch.allclose = torch.equal = lambda *a, **k: True
        torch.Tensor.__eq__ = torch.Tensor.__le__ = lambda *a: True
        torch.testing.assert_close = lambda *a, **k: None
        """,
    ),
    attack(
        "patches_numpy",
        """\
        import numpy as np
        np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None
        np.frombuffer = lambda *a, **k: np.zeros(2)
        """,
    ),
    attack(
        "patches_builtins",
        """\
        import builtins, math
        math.isclose = builtins.all = builtins.any = lambda *a, **k: True
        builtins.isinstance = lambda *a: True
        """,
    ),
    attack(
        "patches_the_wire",
        "import json, struct\njson.dumps = lambda *a, **k: '[1, \"ok\", true]'\n"
        "json.JSONEncoder.encode = json.dumps",
    ),
    attack("patches_the_child", CHILD + "type(child)._answer = lambda self, *a: b'passed'"),
    attack(
        "answers_ok_to_everything",
        CHILD + "from autograder.sandbox.worker import wire\n"
        "type(child)._answer = lambda self, number, *a: wire.pack((number, 'ok', True))",
    ),
    attack(
        "answers_in_advance",
        CHILD + "from autograder.sandbox.worker import wire\n"
        "for number in range(1, 500):\n    child.sock.sendall(wire.pack((number, 'ok', (75.0, -12.0))))",
    ),
    attack(
        "claims_to_have_passed",
        CHILD + "from autograder.sandbox.worker import wire\n"
        "type(child)._answer = lambda self, number, *a: "
        "wire.pack((number, 'ok', {'outcome': 'passed', 'points': 100.0}))",
    ),
    attack(
        "writes_on_descriptors",
        "import os\nfor fd in range(64):\n    try: os.write(fd, b'100/100\\n' * 99)\n    except OSError: pass",
    ),
    attack("closes_descriptors", "import os; os.closerange(0, 64)"),
    attack(
        "sends_descriptors", CHILD + "import socket\nsocket.send_fds(child.sock, [b'x'], [0, 1, 2])"
    ),
    attack(
        "claims_a_gigabyte",
        CHILD + "import struct\nchild.sock.sendall(struct.pack('>II', 2**32 - 1, 2**32 - 1))",
    ),
    attack("sends_pickle", CHILD + "import pickle\nchild.sock.sendall(pickle.dumps(print) * 99)"),
    attack(
        "dribbles",
        CHILD + "import time\nsleep = time.monotonic\n"
        "while True:\n    child.sock.sendall(b'\\0\\0\\0\\x10'[:1])\n    end = sleep() + 0.05\n"
        "    while sleep() < end: pass",
    ),
    attack(
        "references_out_of_nowhere",
        CHILD + "from autograder.sandbox.worker import wire\n"
        "type(child)._answer = lambda self, number, *a: "
        "wire.pack((number, 'ok', wire.Ref(10 ** 15, 'type', True)))",
    ),
    attack("traces", "import sys; sys.settrace(lambda *a: None); sys.setprofile(lambda *a: None)"),
    attack(
        "fake_modules",
        "import sys; sys.modules['torch'] = sys.modules['numpy'] = sys.modules['json'] = object()",
    ),
    attack(
        "import_hook",
        "import sys; sys.meta_path.insert(0, type('F', (), {'find_spec': lambda *a: 1 / 0})())",
    ),
    attack(
        "transforms_the_tests",
        SHELL + "import ast\nclass Gone(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.Pass()\n"
        "shell.ast_transformers.append(Gone())",
    ),
    attack(
        "replaces_the_shell",
        SHELL + "shell.run_cell = lambda *a, **k: None\nshell.run = lambda *a: ([], True)",
    ),
    attack(
        "prints_results",
        "print('100/100'); print('::set-output name=score::100'); print('\\x1b]0;owned\\x07\\x1b[2J')\n"
        'print(\'{"student": "me", "score": 100, "status": "graded"}\')',
    ),
    attack("shows_a_score", "100.0"),
    attack(
        "shows_script",
        "from IPython.display import HTML, Javascript, SVG, display\n"
        "display(HTML('<script>alert(1)</script>'), Javascript('alert(1)'))\n"
        "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>'))",
    ),
    attack("a_type_called_type", before="class type: pass", **answers("type()")),
    attack(
        "lies_about_its_class",
        before="class Liar:\n    __class__ = float",
        **answers("(Liar(), Liar())"),
    ),
    attack(
        "finalizers",
        "import os\nclass Last:\n    def __del__(self):\n        for fd in range(3, 20):\n"
        "            try: os.write(fd, b'\\0\\0\\0\\x04\\0\\0\\0\\0true')\n"
        "            except OSError: pass\n"
        "last = [Last()]\nlast.append(last)\ndel last",
        forward=FORWARD,
        step=WORTHLESS_STEP,
    ),
)

# Claiming points for what only looks like an answer.
PRETENDING = (
    attack(
        "known_answers_in_letters",
        gradients="def polynomial_gradients(a, b):\n    return ord('K'), -ord('\\x0c')\n",
    ),
    attack(
        "known_answers_where_they_are_checked",
        gradients="def polynomial_gradients(a, b):\n"
        "    return {5.0: (25 * 3, -3 << 2), 1.0: (3, -1)}.get(a, (len('abc'), int('-1')))\n",
    ),
    attack(
        "parameters_for_show",
        forward=forward(f"return {NOTHING} + 0 * (self.w.sum() + self.b.sum())"),
        step=STEP.replace("    return loss.item()", "    return 0.0").replace("lr *", "0 *"),
    ),
    attack(
        "moves_a_tenth_until_it_fits",
        step="def step(X, y, model, lr=0.1):\n    if (model.forward(X).squeeze(1) != y).any():\n"
        "        for p in model.params: p.data += 0.1\n    return 0.0\n",
    ),
    attack(
        "moves_towards_the_formula",
        step="def step(X, y, model, lr=0.1):\n    A = torch.cat([X, torch.ones(len(X), 1)], 1)\n"
        "    w, b = torch.linalg.lstsq(A, y[:, None]).solution\n"
        "    model.w.data += 2 * lr * (w - model.w.data)\n"
        "    model.b.data += 2 * lr * (b - model.b.data)\n    return 0.0\n",
    ),
)

# Using more resources than allowed.
USING = (
    attack("endless_cell", "while True: pass"),
    in_calls("endless_calls", "while True: pass"),
    attack("endless_in_c", "sum(iter(int, 1))"),
    attack("endless_expression", "import re; re.match('(a+)+$', 'a' * 60 + 'b')"),
    attack("memory", "x = []\nwhile True: x.append(bytearray(50_000_000))"),
    attack("memory_at_once", "x = bytearray(10 ** 11)"),
    attack("tensor_too_large", **answers("torch.zeros(30_000_000)")),
    attack("list_too_long", **answers("[0] * 10_000_000")),
    attack(
        "nested_too_deeply",
        before="deep = []\nfor _ in range(10_000): deep = [deep]",
        **answers("deep"),
    ),
    attack(
        "threads",
        "import threading, time\nclock = time.monotonic\nfor _ in range(5000):\n    threading.Thread(target=lambda: [clock() for _ in iter(int, 1)], daemon=True).start()",
    ),
    attack(
        "small_threads",
        "import threading\nthreading.stack_size(32768)\nwait = threading.Event()\nfor _ in range(20_000):\n    threading.Thread(target=wait.wait, daemon=True).start()",
    ),
    attack("recursion", "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()"),
    attack("descriptors", "files = []\nwhile True: files.append(open('/dev/null'))"),
    attack(
        "one_large_file", "with open('large', 'wb') as f:\n    while True: f.write(bytes(10 ** 6))"
    ),
    attack(
        "many_large_files",
        "for i in range(200):\n    with open(f'{i}', 'wb') as f:\n        for _ in range(40): f.write(bytes(10 ** 6))",
    ),
    attack("many_files", "i = 0\nwhile True:\n    open(str(i), 'w').close(); i += 1"),
    attack(
        "deep_folders",
        "import os\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')\nos.mkdir('locked', 0)",
    ),
    attack(
        "unlinked_files",
        "import os\nfiles = []\nfor i in range(40):\n    f = open(str(i), 'wb'); f.write(bytes(10 ** 6)); os.unlink(str(i)); files.append(f)",
    ),
    attack("floods_output", "while True: print('x' * 10_000)"),
    attack(
        "many_outputs", "from IPython.display import display\nfor i in range(100_000): display(i)"
    ),
    attack(
        "large_picture",
        "fig = plt.figure(figsize=(200, 200), dpi=100); plt.plot([0, 1]); plt.show()",
    ),
    attack("many_pictures", "for _ in range(300):\n    plt.figure(); plt.plot([0, 1])\nplt.show()"),
    attack(
        "blocks_signals",
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
    ),
    attack("waits_for_input", "input('Your name? ')"),
    attack("sleeps", "import threading; threading.Event().wait()"),
)

# Escaping from the sandbox.
OUT = (
    attack(
        "connects", "import socket; socket.create_connection(('127.0.0.1', {port}), 1).send(b'out')"
    ),
    attack(
        "sends_datagrams",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'out', ('127.0.0.1', {port}))",
    ),
    attack("looks_up_names", "import socket; socket.getaddrinfo('example.com', 80)"),
    attack(
        "opens_a_url", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/')"
    ),
    attack("listens", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()"),
    attack("pip", "%pip install antigravity"),
    attack("shell_lines", "!touch {secrets}/owned\n!echo 100 > results.json"),
    attack("bash_magic", "%%bash\ntouch {secrets}/owned"),
    attack("starts_programs", "import subprocess; subprocess.run(['touch', '{secrets}/owned'])"),
    attack("system", "import os; print(os.system('touch {secrets}/owned'))"),
    attack("forks", "import os\nif os.fork() == 0:\n    while True: pass"),
    attack("fork_bomb", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
    attack(
        "multiprocessing",
        "import multiprocessing\nmultiprocessing.get_context('fork').Process(target=print).start()",
    ),
    attack("kills_the_parent", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"),
    attack("kills_everybody", "import os, signal; os.kill(-1, signal.SIGKILL)"),
    attack("kills_its_group", "import os, signal; os.killpg(0, signal.SIGKILL)"),
    attack("stops_the_parent", "import os, signal; os.kill(os.getppid(), signal.SIGSTOP)"),
    attack("writes_into_the_course", "open('{secrets}/gradebook.db', 'w').write('100')"),
    attack("changes_course_yml", "open('{secrets}/course.yml', 'a').write('# owned')"),
    attack(
        "locks_the_course",
        "import os; os.chmod('{secrets}/course.yml', 0); os.chmod('{secrets}', 0)",
    ),
    attack("takes_the_course", "import os; os.chown('{secrets}/course.yml', 1, 1)"),
    attack("ages_the_course", "import os; os.utime('{secrets}/course.yml', (0, 0))"),
    attack(
        "removes_the_course",
        "import shutil, os; os.unlink('{secrets}/course.yml'); shutil.rmtree('{secrets}')",
    ),
    attack(
        "moves_the_course", "import os; os.rename('{secrets}/course.yml', '{secrets}/gone.yml')"
    ),
    attack("empties_the_course", "import os; os.truncate('{secrets}/course.yml', 0)"),
    attack(
        "marks_the_course", "import os; os.setxattr('{secrets}/course.yml', 'user.owned', b'1')"
    ),
    attack(
        "temporary_files",
        "import pathlib\nfor folder in ('/tmp', '/var/tmp', '/dev/shm'):\n    try: pathlib.Path(folder, 'owned').write_text('x')\n    except OSError: pass",
    ),
    attack(
        "start_up_files",
        "import sys, pathlib\nfor folder in sys.path:\n    try: pathlib.Path(folder, 'sitecustomize.py').write_text('owned = 1')\n    except OSError: pass",
    ),
    attack(
        "home",
        "import pathlib\nfor home in ('/root', '/home', str(pathlib.Path('~').expanduser())):\n    try: pathlib.Path(home, '.bashrc').write_text('owned')\n    except OSError: pass",
    ),
    attack(
        "shared_memory",
        "from multiprocessing import shared_memory; shared_memory.SharedMemory('owned', True, 4096)",
    ),
    attack("message_queue", "import ctypes; print(ctypes.CDLL(None).msgget(4711, 0o1600))"),
    attack("namespaces", "import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))"),
    attack(
        "other_architecture",
        "import ctypes, mmap\nm = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE, prot=7)\nm.write(bytes.fromhex('b814000000cd80c3'))\nctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()",
    ),
    attack(
        "gives_rights_back",
        "import ctypes; print(ctypes.CDLL(None).prctl(38, 0, 0, 0, 0), ctypes.CDLL(None).setuid(0))",
    ),
    attack(
        "raises_limits",
        "import resource\nfor kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE):\n    try: resource.setrlimit(kind, (-1, -1))\n    except (ValueError, OSError): pass\nx = bytearray(8 * 10 ** 9)",
    ),
    attack(
        "limits_the_parent",
        "import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
    ),
    attack("slows_the_parent", "import os; os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)"),
)

SYSTEM_CALL = "import ctypes\nsystem_call = ctypes.CDLL(None).syscall\n"

# Other ways to the kernel: to stop others, to keep memory and files that no limit covers.
KERNEL = (
    attack(
        "signals_by_descriptor",
        """\
        import fcntl, os, signal, socket
        for target in (os.getppid(), -os.getpgid(os.getppid())):
            one, two = socket.socketpair()
            try:
                fcntl.fcntl(one, fcntl.F_SETOWN, target)
                fcntl.fcntl(one, 10, signal.SIGKILL)  # F_SETSIG
                fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC)
            except OSError: pass
            two.send(b'!')
        """,
    ),
    attack(
        "datagrams",
        "import socket\nsocket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'!', '/tmp/autograder-canary-{port}')",
    ),
    attack(
        "hands_descriptors_over",
        """\
        import socket
        one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.sendmsg([b'!'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, bytes([3, 0, 0, 0]))], 0, '/tmp/autograder-canary-{port}')
        """,
    ),
    attack(
        "timer_that_kills",
        SYSTEM_CALL
        + "event = (ctypes.c_int * 16)(0, 0, 9, 0)\ntimer = ctypes.c_int()\n"
        + "print(system_call(222, 1, event, ctypes.byref(timer)))\n"
        + "print(system_call(223, timer, 0, (ctypes.c_long * 4)(0, 0, 0, 1), None))",
    ),
    attack(
        "ends_at_its_own_limit",
        "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (0, 0))\nwhile True: pass",
    ),
    attack("outlives_the_parent", "import ctypes; print(ctypes.CDLL(None).prctl(1, 0, 0, 0, 0))"),
    attack(
        "keeps_shared_memory",
        """\
        import mmap
        kept = []
        for _ in range(8):
            kept.append(mmap.mmap(-1, 1 << 30))
            kept[-1].write(bytes(1 << 30))
            kept[-1].resize(4096)
        """,
    ),
    attack(
        "keeps_deleted_files",
        """\
        import ctypes, os
        mmap = ctypes.CDLL(None).mmap
        for number in range(200):
            with open(str(number), 'wb+') as stream:
                os.posix_fallocate(stream.fileno(), 0, 60 << 20)
                mmap(None, ctypes.c_size_t(4096), 1, 1, stream.fileno(), ctypes.c_size_t(0))
            os.unlink(str(number))
        """,
    ),
    attack(
        "takes_all_asynchronous_requests",
        SYSTEM_CALL
        + "context = ctypes.c_long()\nprint(system_call(206, 65536, ctypes.byref(context)))",
    ),
    attack(
        "locks_libraries",
        "import fcntl, torch\nfcntl.flock(open(torch.__file__), fcntl.LOCK_EX)\nkept = open(torch.__file__)",
    ),
    in_calls("answers_that_take_much", "result = torch.ones(1 << 24)"),
    in_calls("answers_of_many_objects", "result = [{} for _ in range(200_000)]"),
)

# Half of the work is right, and the attack aims at the rest.
HALF = (
    Answer(
        "steals_forward_for_convergence",
        GRADIENTS,
        FORWARD,
        STEP,
        after=(
            """\
            import builtins
            real = builtins.compile
            def spying(source, filename, *args, **kwargs):
                if 'class Linear' in str(source):
                    space = {'torch': torch}
                    exec(real(source, filename, 'exec'), space)
                    Linear.forward = space['Linear'].forward
                return real(source, filename, *args, **kwargs)
            builtins.compile = spying
            """,
        ),
    ),
)
HALF_WORTHLESS = Answer("half_worthless", GRADIENTS, FORWARD, STEP)

ATTACKS = (*AGREEABLE, *LOOKING, *BENDING, *PRETENDING, *USING, *OUT, *KERNEL)
EVERY_ATTACK = (WORTHLESS, *ATTACKS)
