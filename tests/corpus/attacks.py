"""Dishonest submissions to `linear_regression`: those of the kit and the suite, and others.

The others go for the machine rather than for the tests. `{secrets}` stands for the folder of a
course, `{suite}` for that of the suite, and `{port}` for a port that the tests listen on.
"""

from __future__ import annotations

from autograder.authoring.verification.dishonest import CHILD, attacks_on
from autograder.suites.linear_regression.answers import STEP, Answer, forward
from autograder.suites.linear_regression.attacks import EVERY_ATTACK, NOTHING, attack
from tests.corpus.reference import SOLUTION, Rendered


def answers(expression: str) -> dict[str, str]:
    """Return the three answers, each of which returns an expression."""
    return {
        "gradients": f"def polynomial_gradients(a, b):\n    return {expression}\n",
        "forward": forward(f"return {expression}"),
        "step": f"def step(X, y, model, lr=0.1):\n    return {expression}\n",
    }


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


(WORTHLESS, *OF_THE_KIT) = (Rendered(name, tuple(cells)) for name, cells in attacks_on(SOLUTION))
_, *OF_THE_SUITE = EVERY_ATTACK

# Tampering with what carries the answers, for long.
BENDING = (
    attack("patches_the_child", CHILD + "type(child)._answer = lambda self, *a: b'passed'"),
    attack(
        "dribbles",
        CHILD + "import time\nsleep = time.monotonic\n"
        "while True:\n    child.sock.sendall(b'\\0\\0\\0\\x10'[:1])\n    end = sleep() + 0.05\n"
        "    while sleep() < end: pass",
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
        "plants_modules_for_the_next",
        """\
        import os
        for folder in os.listdir('..'):
            for name in ('helper', 'math', 'statistics', 'sympy', 'timeit'):
                try: open(f'../{folder}/{name}.py', 'w').write('1 / 0')
                except OSError: pass
        """,
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
    attack(
        "steals_forward_for_convergence",
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
        step=STEP,
    ),
)
HALF_WORTHLESS = attack("half_worthless", step=STEP)

ATTACKS: tuple[Answer | Rendered, ...] = (
    *OF_THE_KIT,
    *OF_THE_SUITE,
    *BENDING,
    *USING,
    *OUT,
    *KERNEL,
)
