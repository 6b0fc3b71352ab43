"""Dishonest submissions to any assignment: worthless answers, and an attack that gains no point.

They go for the tests: by answers that agree with everything, by a look at what is expected, by
what carries the answers. Somebody could submit each of them.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class Attack:
    """Code of a cell after worthless answers, or before them, and what their functions return.

    `{secrets}` stands for the folder of the course, `{suite}` for that of the suite.
    """

    name: str
    after: str = ""
    before: str = ""
    answer: str = "None"

    def cells(self, solution: str) -> list[str]:
        """Return the cells of the submission, for an assignment with this solution."""
        cells = (self.before, worthless(solution, self.answer), self.after)
        return [dedent(cell) for cell in cells if cell]


def attacks_on(solution: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the cells of each attack; the first has worthless answers and no attack.

    Attacks with torch are left out for a solution without it.
    """
    for attack in (Attack("worthless"), *ATTACKS):
        code = f"{attack.before}{attack.answer}{attack.after}"
        if "torch" in solution or "torch" not in code:
            yield attack.name, attack.cells(solution)


def worthless(solution: str, answer: str) -> str:
    """Return a solution of which each function and method returns the same expression.

    Of its other statements only imports are left; a class also keeps its `__init__`.
    """
    kept: list[ast.stmt] = []
    for statement in ast.parse(solution).body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                kept.append(statement)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                kept.append(_answering(statement, answer))
            case ast.ClassDef(body=body):
                statement.body = [_answering(part, answer) for part in body]
                kept.append(statement)
    return ast.unparse(ast.Module(kept, []))


def _answering(statement: ast.stmt, answer: str) -> ast.stmt:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(statement, functions) and statement.name != "__init__":
        statement.body = ast.parse(f"return {answer}").body
    return statement


def in_calls(name: str, code: str) -> Attack:
    """Return an attack whenever a test calls something."""
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    return Attack(
        name, before=f"def attack(result=None):\n{lines}    return result\n", answer="attack()"
    )


SHELL = "import sys\nshell = sys.modules['IPython'].get_ipython()\n"
CHILD = """\
import gc, sys
child = next(o for o in gc.get_objects() if type(o).__name__ == 'Child')
"""

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
# Claiming to be equal to whatever an answer is compared with.
AGREEABLE = (
    Attack("equal_to_everything", before=YES, answer="Yes()"),
    Attack("pairs_equal_to_everything", before=YES, answer="(Yes(), Yes())"),
    Attack(
        "tensor_subclass_agrees",
        before="""\
        class Agrees(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return True
        """,
        answer="torch.zeros(1).as_subclass(Agrees)",
    ),
    Attack(
        "array_subclass_agrees",
        before="""\
        import numpy as np
        class Agrees(np.ndarray):
            def __array_ufunc__(self, *args, **kwargs): return True
            def __eq__(self, other): return True
        """,
        answer="np.zeros(2).view(Agrees)",
    ),
    Attack(
        "float_subclass_agrees",
        before="""\
        class Agrees(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            __rsub__ = __sub__
            def __abs__(self): return 0.0
        """,
        answer="(Agrees(), Agrees())",
    ),
    Attack(
        "tuple_subclass_lies",
        before="""\
        class Pair(tuple):
            def __len__(self): return 2
            def __getitem__(self, i): return 75.0
        """,
        answer="Pair()",
    ),
    Attack("nan", answer="float('nan')"),
    Attack("nan_pairs", answer="(float('nan'), float('nan'))"),
    Attack("nan_tensor", answer="torch.full((2,), float('nan'))"),
    Attack("infinity", answer="(float('inf'), float('-inf'))"),
    Attack("nothing", answer="None"),
    Attack("true", answer="(True, True)"),
    Attack("ellipsis", answer="..."),
    Attack("broadcasting", answer="torch.zeros(1, 1, 1)"),
    Attack("empty_tensor", answer="torch.zeros(0)"),
    Attack("zero_sized", answer="torch.zeros(2, 0)"),
    Attack("complex", answer="torch.zeros(2, dtype=torch.complex64)"),
    Attack("sparse", answer="torch.zeros(2, 2).to_sparse()"),
    Attack("meta", answer="torch.zeros(2, device='meta')"),
    Attack("object_array", before="import numpy as np", answer="np.array([None, None])"),
    Attack("text_numbers", answer="('75', '-12')"),
    Attack("huge_integer", answer="(10 ** 5000, -(10 ** 5000))"),
    Attack("a_function", answer="print"),
    Attack("itself_in_a_list", before="loop = []; loop.append(loop)", answer="loop"),
)

# Looking for what is expected.
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
    Attack(
        "runs_the_suite",
        """\
        import pathlib
        for path in pathlib.Path('{suite}').rglob('*.py'):
            exec(path.read_text())
        """,
    ),
    Attack(
        "runs_the_solution",
        """\
        import pathlib
        for path in pathlib.Path('{secrets}').rglob('*.ipynb'):
            get_ipython().run_line_magic('run', str(path))
        """,
    ),
    Attack(
        "steals_what_is_lent",
        """\
        import builtins
        real = builtins.compile
        def spying(source, filename, *args, **kwargs):
            space = {}
            exec(real(source, filename, 'exec'), space)
            globals().update(space)
            return real(source, filename, *args, **kwargs)
        builtins.compile = spying
        """,
    ),
    Attack("environment", "import os; assert not {'AUTOGRADER_SEED', 'SECRET'} & set(os.environ)"),
    Attack("guesses_the_seed", "import random, numpy; random.seed(2026); numpy.random.seed(2026)"),
    Attack("reads_the_course", "print(open('{secrets}/course.yml').read())"),
    Attack("lists_the_course", "import os; print(os.listdir('{secrets}'))"),
    Attack(
        "reads_other_submissions",
        """\
        import pathlib
        for path in pathlib.Path('{secrets}').rglob('*.ipynb'):
            print(path.read_text())
        """,
    ),
    Attack(
        "looks_around",
        "import os; [print(open(p).read()) for p in ('/etc/passwd', '/etc/hostname')]",
    ),
    Attack(
        "reads_the_history",
        "import os, pathlib; print((pathlib.Path.home() / '.bash_history').read_text())",
    ),
    Attack(
        "own_memory",
        "import re\nprint([line for line in open('/proc/self/maps') if 'heap' in line])",
    ),
    Attack("memory_of_the_parent", "import os; open(f'/proc/{os.getppid()}/mem', 'rb').read(1)"),
    Attack(
        "reads_through_ctypes",
        """\
        import ctypes, os
        libc = ctypes.CDLL(None)
        print(libc.open(b'{secrets}/course.yml', 0), libc.ptrace(16, os.getppid(), 0, 0))
        """,
    ),
    Attack(
        "links_to_the_course",
        "import os; os.symlink('{secrets}/course.yml', 'mine'); print(open('mine').read())",
    ),
    Attack(
        "hard_link",
        "import os; os.link('{secrets}/course.yml', 'mine'); print(open('mine').read())",
    ),
    Attack(
        "walks_up", "import os\nfor _ in range(9):\n    os.chdir('..')\n    print(os.listdir())"
    ),
)

# Tampering with what carries the answers.
BENDING = (
    Attack("leaves_in_a_cell", "import os; os._exit(0)"),
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
    Attack(
        "at_exit", "import atexit; atexit.register(lambda: open('results.json', 'w').write('100'))"
    ),
    Attack(
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
    Attack(
        "signals",
        """\
        import signal
        for number in range(1, 65):
            try: signal.signal(number, lambda *a: None)
            except (OSError, ValueError): pass
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        """,
    ),
    Attack(
        "patches_torch",
        """\
        torch.allclose = torch.equal = lambda *a, **k: True
        torch.Tensor.__eq__ = torch.Tensor.__le__ = lambda *a: True
        torch.testing.assert_close = lambda *a, **k: None
        """,
    ),
    Attack(
        "patches_numpy",
        """\
        import numpy as np
        np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None
        np.frombuffer = lambda *a, **k: np.zeros(2)
        """,
    ),
    Attack(
        "patches_builtins",
        """\
        import builtins, math
        math.isclose = builtins.all = builtins.any = lambda *a, **k: True
        builtins.isinstance = lambda *a: True
        """,
    ),
    Attack(
        "patches_the_wire",
        "import json, struct\njson.dumps = lambda *a, **k: '[1, \"ok\", true]'\n"
        "json.JSONEncoder.encode = json.dumps",
    ),
    Attack(
        "answers_ok_to_everything",
        CHILD + "from autograder.sandbox.worker import wire\n"
        "type(child)._answer = lambda self, number, *a: wire.pack((number, 'ok', True))",
    ),
    Attack(
        "answers_in_advance",
        CHILD + "from autograder.sandbox.worker import wire\n"
        "for number in range(1, 500):\n    child.sock.sendall(wire.pack((number, 'ok', (75.0, -12.0))))",
    ),
    Attack(
        "claims_to_have_passed",
        CHILD + "from autograder.sandbox.worker import wire\n"
        "type(child)._answer = lambda self, number, *a: "
        "wire.pack((number, 'ok', {'outcome': 'passed', 'points': 100.0}))",
    ),
    Attack(
        "writes_on_descriptors",
        "import os\nfor fd in range(64):\n    try: os.write(fd, b'100/100\\n' * 99)\n    except OSError: pass",
    ),
    Attack("closes_descriptors", "import os; os.closerange(0, 64)"),
    Attack(
        "sends_descriptors", CHILD + "import socket\nsocket.send_fds(child.sock, [b'x'], [0, 1, 2])"
    ),
    Attack(
        "claims_a_gigabyte",
        CHILD + "import struct\nchild.sock.sendall(struct.pack('>II', 2**32 - 1, 2**32 - 1))",
    ),
    Attack("sends_pickle", CHILD + "import pickle\nchild.sock.sendall(pickle.dumps(print) * 99)"),
    Attack(
        "references_out_of_nowhere",
        CHILD + "from autograder.sandbox.worker import wire\n"
        "type(child)._answer = lambda self, number, *a: "
        "wire.pack((number, 'ok', wire.Ref(10 ** 15, 'type', True)))",
    ),
    Attack("traces", "import sys; sys.settrace(lambda *a: None); sys.setprofile(lambda *a: None)"),
    Attack(
        "fake_modules",
        "import sys; sys.modules['torch'] = sys.modules['numpy'] = sys.modules['json'] = object()",
    ),
    Attack(
        "import_hook",
        "import sys; sys.meta_path.insert(0, type('F', (), {'find_spec': lambda *a: 1 / 0})())",
    ),
    Attack(
        "transforms_the_tests",
        SHELL + "import ast\nclass Gone(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.Pass()\n"
        "shell.ast_transformers.append(Gone())",
    ),
    Attack(
        "replaces_the_shell",
        SHELL + "shell.run_cell = lambda *a, **k: None\nshell.run = lambda *a: ([], True)",
    ),
    Attack(
        "prints_results",
        "print('100/100'); print('::set-output name=score::100'); print('\\x1b]0;owned\\x07\\x1b[2J')\n"
        'print(\'{"student": "me", "score": 100, "status": "graded"}\')',
    ),
    Attack("shows_a_score", "100.0"),
    Attack(
        "shows_script",
        "from IPython.display import HTML, Javascript, SVG, display\n"
        "display(HTML('<script>alert(1)</script>'), Javascript('alert(1)'))\n"
        "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>'))",
    ),
    Attack("a_type_called_type", before="class type: pass", answer="type()"),
    Attack(
        "lies_about_its_class",
        before="class Liar:\n    __class__ = float",
        answer="(Liar(), Liar())",
    ),
    Attack(
        "finalizers",
        "import os\nclass Last:\n    def __del__(self):\n        for fd in range(3, 20):\n"
        "            try: os.write(fd, b'\\0\\0\\0\\x04\\0\\0\\0\\0true')\n"
        "            except OSError: pass\n"
        "last = [Last()]\nlast.append(last)\ndel last",
    ),
)

ATTACKS = (*AGREEABLE, *LOOKING, *BENDING)
