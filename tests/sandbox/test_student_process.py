"""A submission's run: real cells in a real child."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from autograder.sandbox.execution_errors import (
    InvalidResponse,
    ProcessCrashed,
    SourceLocation,
    StudentError,
    TimedOut,
)
from autograder.sandbox.student_process import (
    CellResult,
    StudentProcess,
    TimeLimits,
    _checked_outputs,
    student_error,
)
from autograder.sandbox.warm_process import WarmProcess, WarmProcessError
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.outputs import MAX_OUTPUTS

LIMITS = Limits(memory=1 << 30, cpu=30, file_size=1 << 20, output=100_000)
SECONDS = TimeLimits(notebook=30, cell=5, request=2)

Start = Callable[..., StudentProcess]


@pytest.fixture
def start(warm: WarmProcess) -> Iterator[Start]:
    """Return a function that runs cells and gives the run."""
    runs = []

    def start(
        *cells: str, limits: Limits = LIMITS, seconds: TimeLimits = SECONDS, draws: bool = True
    ) -> StudentProcess:
        run = StudentProcess(warm, cells, limits, seconds, draws=draws)
        runs.append(run)
        run.execute()
        return run

    yield start
    for run in runs:
        run.close()


def text(result: CellResult) -> str:
    """Return what a cell printed and the last value it showed."""
    parts = [
        output.get("text") or output["data"].get("text/plain", "")
        for output in result.outputs
        if output["output_type"] != "error"
    ]
    return "".join(parts)


def errors(result: CellResult) -> list[tuple[str, str]]:
    return [
        (output["ename"], output["evalue"])
        for output in result.outputs
        if output["output_type"] == "error"
    ]


def value(run: StudentProcess, name: str) -> Any:
    """Return a variable of the notebook."""
    return run.request("call", run.request("get", None, name), [], {})


def test_cells_share_their_names_and_show_their_last_value(start: Start) -> None:
    run = start("x = 20", "print('now')\nx + 1")
    assert text(run.results[1]) == "now\n21"


def test_a_raising_cell_does_not_stop_the_next(start: Start) -> None:
    run = start("1 / 0", "def (", "undefined_name", "print('still here')")
    assert [errors(result)[0][0] for result in run.results[:3]] == [
        "ZeroDivisionError", "SyntaxError", "NameError",
    ]  # fmt: skip
    assert text(run.results[3]) == "still here\n"


def test_magics_and_display_work(start: Start) -> None:
    run = start(
        "%matplotlib inline\n%time y = 1",
        "from IPython.display import display, clear_output\ndisplay('shown', y)",
        "print('gone')\nclear_output()\nprint('kept')",
        "%%time\nprint('timed')",
        "await __import__('asyncio').sleep(0)\n'awaited'",
    )
    assert all(result.succeeded for result in run.results)
    assert text(run.results[1]) == "'shown'1"
    assert text(run.results[2]) == "kept\n"
    assert "timed\n" in text(run.results[3])
    assert text(run.results[4]) == "'awaited'"


@pytest.mark.parametrize("gui", ["inline", "notebook", "widget", "qt", ""])
def test_matplotlib_draws_inline_whatever_is_asked_for(start: Start, gui: str) -> None:
    run = start(f"%matplotlib {gui}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert run.results[0].outputs[-1]["data"]["image/png"] == b""
    assert [shown[:4] for shown in run.results[0].pictures] == [b"\x89PNG"]


def test_plt_show_gives_a_picture_and_the_cell_goes_on(start: Start) -> None:
    run = start("import matplotlib.pyplot as plt\nplt.plot([1, 3])\nplt.show()\nprint('after')")
    kinds = [output["output_type"] for output in run.results[0].outputs]
    assert kinds == ["display_data", "stream"]


@pytest.mark.parametrize("line", ["matplotlib.use('TkAgg')", "plt.switch_backend('agg')"])
def test_plots_stay_inline_whatever_backend_is_named(start: Start, line: str) -> None:
    run = start(f"import matplotlib, matplotlib.pyplot as plt\n{line}\nplt.plot([1]); plt.show()")
    assert run.results[0].outputs[-1]["data"]["image/png"] == b""
    assert [shown[:4] for shown in run.results[0].pictures] == [b"\x89PNG"]


@pytest.mark.parametrize(
    "mistake", [r"plt.title(r'$\frac{a$')", "plt.rcParams['text.usetex'] = True; plt.title('a')"]
)
def test_a_figure_that_cannot_be_drawn_ends_no_cell(start: Start, mistake: str) -> None:
    run = start(
        f"import matplotlib.pyplot as plt\ndef f(): return 3\n{mistake}; plt.plot([1]); plt.show()",
        "plt.rcParams['text.usetex'] = False; plt.plot([1]); f()",
    )
    assert [(result.succeeded, result.failure) for result in run.results] == [(True, None)] * 2
    assert [output["output_type"] for output in run.results[0].outputs] == ["display_data"]
    assert [type(shown) for result in run.results for shown in result.pictures] == [str, bytes]
    assert run.request("call", run.request("get", None, "f"), [], {}) == 3


PLOT = "import matplotlib.pyplot as plt; plt.plot([1, 2], label='loss'); plt.show()"
SLOW = """
from matplotlib.lines import Line2D
class Slow(Line2D):
    def draw(self, renderer):
        while True: pass
plt.gca().add_line(Slow([0], [0])); plt.show()
"""


def test_drawing_changes_nothing_else(start: Start) -> None:
    """Neither what is judged, nor how much may be printed, as much as fits into the limit."""
    cells = PLOT, "print('x' * 90_000)", "print('x' * 90_000)", PLOT.replace("loss", "$\\frac{$")
    drawn, undrawn = (start(*cells, draws=draws) for draws in (True, False))
    assert [len(result.pictures) for result in drawn.results] == [1, 0, 0, 1]
    assert [result.pictures for result in undrawn.results] == [()] * 4
    assert [vars(result) | {"pictures": ()} for result in drawn.results] == [
        vars(result) for result in undrawn.results
    ]
    assert drawn.request("shown_figures") == undrawn.request("shown_figures")


def test_a_figure_that_is_shown_twice_is_one_picture_in_two_places(start: Start) -> None:
    (result,) = start(f"{PLOT}\nfig = plt.figure(); plt.plot([1]); plt.show(); fig").results
    assert len(result.pictures) == 3
    assert result.pictures[1] == result.pictures[2] != result.pictures[0]


def test_pictures_take_no_more_than_the_limit_of_output(start: Start) -> None:
    noise = "plt.imshow(__import__('numpy').random.random((400, 400, 3))); plt.show()"
    (result,) = start(f"{PLOT}\n{noise}").results
    assert [type(shown) for shown in result.pictures] == [bytes, str]


def test_code_goes_on_after_a_figure_that_takes_forever(start: Start) -> None:
    run = start(
        f"{PLOT}\nkept = 1", SLOW, PLOT, "def f(): return kept", seconds=TimeLimits(4, 1, 2)
    )
    assert [(result.succeeded, result.failure) for result in run.results] == [(True, None)] * 4
    first, slow, after = (result.pictures for result in run.results[:3])
    assert [type(shown) for shown in first] == [bytes]
    assert slow == ("drawing it takes too long",)
    assert after == ()
    assert value(run, "f") == 1


def test_what_a_student_draws_is_drawn(start: Start) -> None:
    run = start(
        "import matplotlib.pyplot as plt, numpy as np\n"
        "fig, ax = plt.subplots(figsize=(2, 1), dpi=50); ax.plot([0, 1], [0, 1])\n"
        "fig.savefig('plot.png'); fig.canvas.draw()\n"
        "shape = plt.imread('plot.png').shape, np.asarray(fig.canvas.buffer_rgba()).shape\n"
        "labels = [text.get_text() for text in ax.get_xticklabels()]\n"
        "def f(): return shape, labels",
        draws=False,
    )
    assert value(run, "f") == (((50, 100, 4), (50, 100, 4)), ["−0.5", "0.0", "0.5", "1.0", "1.5"])


def test_an_image_is_shown_in_the_notebook(start: Start) -> None:
    run = start("from PIL import Image\nImage.new('RGB', (4, 4)).show()")
    assert run.results[0].outputs[0]["data"]["image/png"].startswith(b"\x89PNG")


def test_a_plot_that_is_cleared_is_never_seen(start: Start) -> None:
    run = start(
        "import matplotlib.pyplot as plt\nfrom IPython.display import clear_output\n"
        "for i in range(30):\n    plt.plot([1, i]); plt.show(); clear_output(wait=True)\n"
        "print('end')"
    )
    assert text(run.results[0]) == "end\n"
    assert len(run.results[0].outputs) == 1


def test_shell_lines_are_not_run_and_say_so(start: Start, tmp_path: Path) -> None:
    run = start(f"!touch {tmp_path}/made\nlisting = !ls\nprint(len(listing))\n%pip install nothing")
    assert run.results[0].succeeded
    assert "not run while grading: !touch" in text(run.results[0])
    assert not (tmp_path / "made").exists()


def test_input_gets_a_clear_error(start: Start) -> None:
    run = start("name = input('Your name? ')")
    ((kind, message),) = errors(run.results[0])
    assert kind == "NoInputError"
    assert "Nobody can answer" in message


def test_sleeping_costs_nothing(start: Start) -> None:
    begun = time.monotonic()
    run = start("import time\ntime.sleep(3600)\nfrom time import sleep\nsleep(3600)\n'awake'")
    assert text(run.results[0]) == "'awake'"
    assert time.monotonic() - begun < 5


def test_exit_does_not_end_the_notebook(start: Start) -> None:
    run = start("exit()", "quit()", "import sys; sys.exit(1)", "print('here')")
    assert text(run.results[3]) == "here\n"


def test_an_endless_cell_is_stopped_and_left_out(start: Start) -> None:
    run = start("a = 1", "while True: pass", "b = a + 1\nb", seconds=TimeLimits(30, 0.5, 2))
    assert isinstance(run.results[1].failure, TimedOut)
    assert text(run.results[2]) == "2"


def test_all_cells_together_have_a_limit(start: Start) -> None:
    begun = time.monotonic()
    run = start(*["while True: pass"] * 20, "1", seconds=TimeLimits(1.5, 1, 1))
    assert time.monotonic() - begun < 10
    assert isinstance(run.results[-1].failure, TimedOut)


def test_a_crashing_cell_is_left_out(start: Start) -> None:
    run = start(
        "a = 1",
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "a",
    )
    assert [type(result.failure) for result in run.results] == [
        type(None),
        ProcessCrashed,
        ProcessCrashed,
        ProcessCrashed,
        type(None),
    ]
    assert text(run.results[4]) == "1"


def test_signals_do_not_keep_a_hanging_cell_alive(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.sandbox.stopped_code.WAIT_SECONDS", 0.2)  # it will not say
    ignore = "import signal\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n  except (OSError, ValueError): pass\nwhile True: pass"
    run = start(ignore, "'after'", seconds=TimeLimits(30, 0.5, 2))
    assert isinstance(run.results[0].failure, TimedOut)
    assert text(run.results[1]) == "'after'"


def test_a_hanging_call_costs_that_call(start: Start) -> None:
    run = start(
        "def hang():\n    while True: pass\ndef fine():\n    return 7",
        seconds=TimeLimits(30, 5, 0.5),
    )
    with pytest.raises(TimedOut):
        value(run, "hang")
    assert value(run, "fine") == 7


def test_a_call_that_ends_the_process_costs_that_call(start: Start) -> None:
    run = start("import os\ndef leave():\n    os._exit(3)\ndef fine():\n    return 7")
    with pytest.raises(ProcessCrashed, match="status 3"):
        value(run, "leave")
    assert value(run, "fine") == 7


def test_time_that_is_used_up_in_one_call_is_not_missing_in_the_next(start: Start) -> None:
    work = "import time\n    begun = time.process_time()\n    while time.process_time() < begun + 0.3: pass"
    run = start(
        f"def hang():\n    while True: pass\ndef slow():\n    {work}\n    return 7",
        seconds=TimeLimits(30, 5, 0.5),
    )
    for _ in range(3):
        with pytest.raises(TimedOut) as caught:
            value(run, "hang")
        assert not caught.value.waited
    assert value(run, "slow") == 7


def test_cells_that_used_most_of_the_processor_time_do_not_run_again_for_each_test(
    start: Start,
) -> None:
    work = "import time\nwhile time.process_time() < 1.6: pass\ndef fine():\n    return 7"
    limits = Limits(memory=1 << 30, cpu=3, file_size=1 << 20, output=100_000)
    run = start(f"import time\ntime.process_time()\n{work}", limits=limits)
    for index in range(4):
        run.begin_test(index)
        assert value(run, "fine") == 7
    assert run.generation == 1


def test_waiting_is_not_computing(start: Start) -> None:
    run = start(
        "import threading\ndef wait(seconds):\n    threading.Event().wait(seconds)\n    return 7",
        seconds=TimeLimits(30, 5, 0.2),
    )
    wait = run.request("get", None, "wait")
    assert run.request("call", wait, [0.6], {}) == 7
    with pytest.raises(TimedOut) as caught:
        run.request("call", wait, [600], {})
    assert caught.value.waited
    assert "waited" in caught.value.review_reason


def test_what_a_stopped_cell_had_defined_is_kept(start: Start) -> None:
    endless = "def f():\n    return 1\nx = 2\nwhile True:\n    pass\nx = 3"
    in_c = "y = 4\nsum(iter(int, 1))"
    crash = "z = 5\nimport os\nos._exit(1)"
    seconds = TimeLimits(30, 0.5, 2)
    run = start(endless, in_c, crash, "print(f(), x, y, z)", seconds=seconds)
    assert text(run.results[3]) == "1 2 4 5\n"


def test_a_cell_that_waits_runs_again_after_the_process_was_stopped(start: Start) -> None:
    run = start(
        "import threading\nthreading.Event().wait(0.5)\nx = 7",
        "def hang():\n    while True: pass\ndef fine(): return x",
        seconds=TimeLimits(30, 0.2, 0.2),
    )
    for _ in range(2):
        with pytest.raises(TimedOut):
            value(run, "hang")
    assert value(run, "fine") == 7


def test_too_many_threads_end_the_process(start: Start) -> None:
    run = start(
        "import threading\nthreading.stack_size(1 << 16)\nfor _ in range(100):\n"
        "    threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "threading.Event().wait(5)",
    )
    assert "more than 64 threads" in str(run.results[0].failure)


@pytest.mark.parametrize(
    "line",
    [
        "import a_module_that_is_not_here",
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "%tensorflow_version 2.x",
        "import os\nos.chdir('/content/drive/MyDrive')",
        "data = open('data.csv').read()\nrows = data.split()",
        "name = input()",
        "import torch\ndevice = torch.zeros(1).cuda().device",
    ],
)
def test_a_line_that_cannot_run_here_does_not_take_its_cell_along(start: Start, line: str) -> None:
    run = start(f"{line}\nx = 1\nprint(x)")
    (result,) = run.results
    assert result.skipped
    assert not result.succeeded
    assert text(result).endswith("1\n")


def test_an_error_of_the_student_still_ends_the_cell(start: Start) -> None:
    run = start("x = undefined\nx = 1", "1 / 0\nx = 1", "x")
    assert not any(result.skipped for result in run.results)
    assert errors(run.results[2])[0][0] == "NameError"


def test_an_exception_tells_the_cell_and_line(start: Start) -> None:
    run = start("x = 1", "def broken():\n    y = 2\n    return y / 0")
    with pytest.raises(StudentError) as caught:
        value(run, "broken")
    assert caught.value.type == "ZeroDivisionError"
    assert caught.value.location == SourceLocation(2, 3, "return y / 0")


def test_a_missing_name_says_so(start: Start) -> None:
    with pytest.raises(StudentError, match="'nothing' is not defined") as caught:
        start("x = 1").request("get", None, "nothing")
    assert caught.value.location is None


def test_a_loop_variable_does_not_take_a_function_away(start: Start) -> None:
    run = start("def step():\n    return 'function'", "for step in range(3): pass")
    assert value(run, "step") == "function"


def test_memory_has_a_limit(start: Start) -> None:
    limits = Limits(memory=300 << 20, cpu=30, file_size=1 << 20, output=100_000)
    run = start("b = bytearray(2 << 30)", "'after'", limits=limits)
    assert errors(run.results[0])[0][0] == "MemoryError" or run.results[0].failure is not None
    assert text(run.results[1]) == "'after'"


def test_processor_time_has_a_limit(start: Start) -> None:
    limits = Limits(memory=1 << 30, cpu=1, file_size=1 << 20, output=100_000)
    run = start("while True: pass", "'after'", limits=limits, seconds=TimeLimits(30, 20, 2))
    assert isinstance(run.results[0].failure, ProcessCrashed)
    assert "too much processor time" in str(run.results[0].failure)


def test_output_is_cut_and_says_so(start: Start) -> None:
    run = start("print('x' * 1_000_000)", "for i in range(10_000): display(i)", "print('y')")
    assert len(text(run.results[0])) < 101_000
    assert "cut off" in text(run.results[0])
    assert len(run.results[1].outputs) < 250


def test_any_text_up_to_the_limit_crosses_the_wire(start: Start) -> None:
    limits = Limits(memory=1 << 30, cpu=30, file_size=1 << 20, output=4 << 20)
    run = start("print('€' * 9_000_000)", "print('x')", limits=limits)
    assert run.results[0].failure is None
    assert len(text(run.results[0])) > 4 << 20


def test_files_have_a_limit(start: Start) -> None:
    run = start("open('big', 'wb').write(b'x' * (2 << 20))", "'after'")
    assert errors(run.results[0])[0][0] == "OSError"
    assert text(run.results[1]) == "'after'"


def test_the_child_starts_in_an_empty_scratch_folder_that_goes(start: Start) -> None:
    run = start("import os, tempfile\nopen('made', 'w').close()\nprint(os.getcwd(), os.listdir())")
    folder, listing = text(run.results[0]).split(" ", 1)
    assert listing == "['made']\n"
    assert os.path.isdir(folder)
    run.close()
    assert not os.path.exists(folder)


def test_the_child_sees_no_environment_and_no_descriptor_of_the_grader(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_SEED", "a secret")
    with open(__file__, encoding="utf-8"):
        run = start(
            "import os\nprint(os.environ.get('AUTOGRADER_SEED'), sorted(os.environ))",
            "links = {}\nfor fd in os.listdir('/proc/self/fd'):\n"
            "    try: links[fd] = os.readlink(f'/proc/self/fd/{fd}')\n"
            "    except OSError: pass\nprint(sorted(links.values()))",
        )
    assert text(run.results[0]).startswith("None ")
    shown = text(run.results[1])
    assert ".py" not in shown
    assert shown.count("socket:") <= 3  # the wire, and the pair of an event loop


def test_processes_that_a_child_started_end_with_it(start: Start, tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    run = start(
        "import os, time, subprocess, sys\n"
        "for _ in range(3):\n"
        "    subprocess.Popen([sys.executable, '-c', 'import os, time; os.setsid() if os.getpid() "
        f"!= os.getpgid(0) else 0; time.sleep(60)  # {mark}'], start_new_session=True)"
    )
    run.close()
    running = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            command = Path("/proc", pid, "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in command:
            running.append(pid)
    assert running == []


def test_garbage_on_the_wire_costs_the_cell(start: Start) -> None:
    run = start(
        "import os\nfor fd in range(3, 10):\n"
        "    try: os.write(fd, b'\\x00\\x00\\x00\\x04\\x00\\x00\\x00\\x00evil' * 9)\n"
        "    except OSError: pass",
        "'after'",
    )
    assert isinstance(run.results[0].failure, InvalidResponse)
    assert text(run.results[1]) == "'after'"


def test_outputs_that_are_none_are_refused(start: Start) -> None:
    run = start(
        "shell = get_ipython()\n"
        "type(shell).run = lambda *a: ([{'output_type': 'display_data', 'data': "
        "{'text/html': '<script>', 'application/javascript': b'x'}}], True)",
        "'next'",
    )
    assert isinstance(run.results[1].failure, InvalidResponse)


def test_the_same_cells_see_the_same_random_numbers(start: Start) -> None:
    cell = "import torch, random, numpy\nprint(torch.rand(1), random.random(), numpy.random.rand(), hash('a'))"
    assert text(start(cell).results[0]) == text(start(cell).results[0])


def test_one_submission_leaves_nothing_to_the_next(start: Start) -> None:
    start("import torch, builtins\nbuiltins.leak = 1\ntorch.nn.functional.linear = None\nx = 5")
    run = start(
        "import torch\nprint(hasattr(__builtins__, 'leak'), torch.nn.functional.linear is None, 'x' in globals())"
    )
    assert text(run.results[0]) == "False False False\n"


class Unforkable:
    """Says how a warm process was asked to fork."""

    def fork(self, limits: Limits, *, all_of_torch: bool) -> NoReturn:
        raise WarmProcessError(f"all of torch: {all_of_torch}")


@pytest.mark.parametrize("cells", [(), ("import torch.optim",)])
def test_slow_imports_are_made_once_before_a_fork(cells: tuple[str, ...]) -> None:
    warm: Any = Unforkable()
    run = StudentProcess(warm, cells, LIMITS, SECONDS)
    with pytest.raises(WarmProcessError, match="all of torch: True"):
        run.request("replay", "", ["def step(): torch.optim.SGD([], lr=1)"], [])
    with pytest.raises(WarmProcessError, match=f"all of torch: {bool(cells)}"):
        run.request("get", None, "step")


def test_threads_that_never_end_do_not_block_the_run(start: Start) -> None:
    run = start(
        "import threading\ndef spin():\n    while True: pass\nthreading.Thread(target=spin).start()",
        "1 + 1",
    )
    assert text(run.results[1]) == "2"
    begun = time.monotonic()
    run.close()
    assert time.monotonic() - begun < 3


FORGED = """\
import gc
from autograder.sandbox.worker import wire
from autograder.sandbox.worker.child import Child
child = next(thing for thing in gc.get_objects() if type(thing) is Child)
"""


@pytest.mark.parametrize(
    "line",
    [
        "child.sock.sendall(wire.pack((2, 'running', float('inf'))))",
        "child.sock.sendall(wire.pack((2, 'running', 'first')))",
        "type(child).execute = lambda self, *a: ([], True, [(1, 2, 3)])",
        "type(child).execute = lambda self, *a: ([], True, [('E', 'x', [1.5])])",
    ],
)
def test_forged_reports_on_statements_cost_that_cell_only(start: Start, line: str) -> None:
    run = start("a = 1", f"{FORGED}{line}", "b = 2")
    assert text(run.results[0]) == ""
    assert any(isinstance(result.failure, InvalidResponse) for result in run.results[1:])


def test_a_forged_reason_for_a_skipped_statement_is_cut(start: Start) -> None:
    line = "type(child).execute = lambda self, *a: ([], True, [('E', 'x' * 9999, ['n' * 999])], [])"
    (skipped,) = start(f"{FORGED}{line}", "b = 2").results[1].skipped
    assert (len(skipped.message), len(skipped.names[0])) == (2000, 100)


CALLS = f"""\
{FORGED}
def forge(call):
    child.sock.sendall(wire.pack((child._number, "call", call)))
    return child._reader.receive()

def give(function, *values):
    return function(*values)
"""
GARBAGE: tuple[Any, ...] = (
    *(None, 3, "call", (), (1,), (1, [], {}, 4), {"a": 1}),
    *((1, {}, []), (1, None, None), (1, [], {"x": {}}, 1)),
)


@pytest.mark.parametrize("call", GARBAGE, ids=str)
def test_a_forged_call_of_a_function_costs_that_request_only(start: Start, call: Any) -> None:
    run = start(CALLS)
    run.begin_test(0)
    run.hand_over(lambda args, kwargs: ("ok", 7), "seven", in_reference=False)
    forge = run.request("get", None, "forge")
    with pytest.raises(InvalidResponse):
        run.request("call", forge, [call], {})
    give = run.request("get", None, "give")
    function = run.hand_over(lambda args, kwargs: ("ok", args[0]), "same", in_reference=False)
    assert run.request("call", give, [function, 5], {}) == 5


@pytest.mark.parametrize("number", [-1, 0, 2, 2**40, True, "1"])
def test_a_function_that_no_test_has_handed_over_cannot_be_called(
    start: Start, number: Any
) -> None:
    run = start(CALLS)
    run.begin_test(0)
    run.hand_over(lambda args, kwargs: ("ok", 7), "seven", in_reference=False)
    forge = run.request("get", None, "forge")
    status, (kind, message) = run.request("call", forge, [(number, [], {})], {})
    assert (status, kind, message) == (
        "error", "RuntimeError", "the test that gave this function has ended",
    )  # fmt: skip


def test_a_function_of_an_earlier_test_cannot_be_called(start: Start) -> None:
    run = start(CALLS)
    run.begin_test(0)
    run.hand_over(lambda args, kwargs: ("ok", 7), "seven", in_reference=False)
    run.end_test()
    run.begin_test(1)
    forge = run.request("get", None, "forge")
    assert run.request("call", forge, [(1, [], {})], {})[0] == "error"


def test_a_result_that_is_too_large_is_the_callers_error(start: Start) -> None:
    run = start(CALLS)
    run.begin_test(0)
    large = run.hand_over(lambda args, kwargs: ("ok", bytes(65 << 20)), "large", in_reference=False)
    give = run.request("get", None, "give")
    with pytest.raises(StudentError, match="too large"):
        run.request("call", give, [large], {})


@pytest.mark.parametrize("number", [2**99, -1, True, "3", None])
def test_a_child_s_numbers_of_cells_and_lines_are_bounded(number: object) -> None:
    details = {
        "type": "ValueError",
        "where": {"cell": number, "line": number, "source": "x"},
        "support": {"file": "probe.py", "line": number, "certain": True},
    }
    error = student_error(details)
    assert (error.location, error.support) == (None, None)


@pytest.mark.parametrize(
    "outputs",
    [
        [{"output_type": "stream", "name": "stdout", "text": "x"}] * (MAX_OUTPUTS + 2),
        [{"output_type": "error", "ename": "a" * 201, "evalue": "", "traceback": []}],
        [{"output_type": "error", "ename": "E", "evalue": "a" * 2001, "traceback": []}],
    ],
)
def test_more_outputs_than_a_cell_has_and_longer_messages_are_refused(outputs: list[Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (it has no message)
        _checked_outputs(outputs)


def test_of_a_long_cell_not_every_statement_is_announced(warm: WarmProcess) -> None:
    ran = StudentProcess(warm, ["1\n" * 2500 + "import os; os._exit(1)"], LIMITS, SECONDS)
    (cell,) = ran.execute()
    ran.close()
    assert (cell.succeeded, cell.statements) == (False, 2000)


def test_only_so_many_skipped_statements_of_a_notebook_are_kept(warm: WarmProcess) -> None:
    ran = StudentProcess(warm, ["import a_missing_module\n" * 60] * 3, LIMITS, SECONDS)
    assert [len(cell.skipped) for cell in ran.execute()] == [60, 40, 0]
    ran.close()
