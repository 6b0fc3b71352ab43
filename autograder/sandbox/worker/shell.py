"""The IPython shell that runs a submission's cells: a notebook without a kernel."""

import ast
import builtins
import dis
import getpass
import re
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import LSString, SList
from traitlets import Instance, Type
from traitlets.config import Config

from autograder.sandbox.worker.blame import blame
from autograder.sandbox.worker.figure_facts import Album
from autograder.sandbox.worker.outputs import MAX_LINES, Collector, PendingFigure, Stream

MAX_OUTPUT = 4 << 20


class NoInputError(RuntimeError):
    """Raised by `input()`: nobody can answer while a notebook is graded."""


class Publisher(DisplayPublisher):
    """Passes `display` and `clear_output` to the collector."""

    def publish(
        self, data: dict[str, Any], metadata: Any = None, source: Any = None, **_: Any
    ) -> None:
        """Add a displayed object to the outputs of the cell."""
        self.shell.collector.display("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        """Clear the outputs of the cell, now or when the next output comes."""
        self.shell.collector.clear(wait)


class ResultHook(DisplayHook):
    """Passes the value of a cell's last expression to the collector."""

    shell: Any

    def write_output_prompt(self) -> None:
        """Write no `Out[1]:`: notebooks show it themselves."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        """Add the value to the outputs of the cell."""
        self.shell.collector.display("execute_result", format_dict, self.prompt_count)

    def finish_displayhook(self) -> None:
        """Write no blank line."""
        self._is_active = False


class CellCompiler(CachingCompiler):
    """Compiles each cell under a file name that holds its number in the notebook."""

    cell = 0

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """Return the file name that tracebacks show for the running cell."""
        return f"<cell {self.cell}>"


class CellTransformers(TransformerManager):
    """Looks for IPython's own syntax, such as magics, only in cells that are no Python."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._original = tuple(self.token_transformers)  # student code may add others

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        """Return the lines of a cell as Python: these, if they are."""
        if tuple(self.token_transformers) == self._original and _is_python("".join(lines)):
            return lines
        found: list[str] = super().do_token_transforms(lines)  # type: ignore[no-untyped-call]
        return found


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class Shell(InteractiveShell):
    """An IPython shell that collects outputs, starts no programs and asks no questions."""

    compiler_class = Type(CellCompiler)
    input_transformer_manager = Instance(CellTransformers, ())
    collector: Collector

    def __init__(self, **kwargs: Any) -> None:
        self.collector = Collector(MAX_OUTPUT)
        self.error: BaseException | None = None  # that ended the last cell
        self.unbound: set[str] = set()  # names that a skipped statement would have bound
        self._depth = 0  # of cells that run cells, as some magics do
        self.begin_cell(None, lambda _: None)
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.history_length = 0
        super().__init__(  # type: ignore[no-untyped-call]
            config=config,
            display_pub_class=Publisher,
            displayhook_class=ResultHook,
            **kwargs,
        )

    def begin_cell(self, statements: int | None, announce: Callable[[int], None]) -> None:
        """Prepare to run a cell, or only its first statements, and to announce each of them."""
        self.skipped: list[tuple[str, str, list[str]]] = []  # type, message, names without value
        self.error_lines: list[tuple[int, int]] = []  # cells and lines that its exception passed
        self._statements, self._announce, self._index = statements, announce, 0

    def should_run_async(self, raw_cell: str, **kwargs: Any) -> bool:
        """Tell whether a cell awaits something; without these words there is no need to compile."""
        waits = re.search(r"\b(?:async|await)\b", raw_cell) is not None
        return waits and bool(super().should_run_async(raw_cell, **kwargs))

    async def run_ast_nodes(self, nodelist: list[Any], *args: Any, **kwargs: Any) -> Any:
        """Run the statements of a cell, as many as are wanted."""
        wanted = nodelist[: self._statements] if self._depth == 0 else nodelist
        self._depth += 1
        try:
            return await super().run_ast_nodes(wanted, *args, **kwargs)
        finally:
            self._depth -= 1

    async def run_code(self, code_obj: Any, result: Any = None, **kwargs: Any) -> bool:
        """Run a statement; return whether the rest of the cell must not run.

        A statement that fails only because of where it runs, such as an import of a module that
        is not installed, is skipped, and so is what fails for want of the names it would bind.
        """
        if self._depth == 1:
            self._announce(self._index)
            self._index += 1
        failed: bool = await super().run_code(code_obj, result, **kwargs)  # type: ignore[no-untyped-call]
        error = None if result is None else result.error_in_exec
        if not failed or error is None or not depends_on_environment(error, self.unbound):
            return failed
        bound = {i.argval for i in dis.get_instructions(code_obj) if i.opname == "STORE_NAME"}
        unbound = bound - self.user_ns.keys()
        self.unbound |= unbound
        kind, message = type(error).__name__[:100], _safe_str(error)[:2000]
        self.skipped.append((kind, message, sorted(unbound)[:100]))
        result.error_in_exec = None
        return False

    def run(self, number: int, source: str, max_output: int) -> tuple[list[dict[str, Any]], bool]:
        """Run cell `number`; return its outputs and whether it ended without an exception."""
        self.collector.max_size = max_output
        self.collector.start()
        CellCompiler.cell = number
        result = self.run_cell(source, store_history=True)
        self.error = result.error_in_exec
        if self.error is not None:
            lines = [(cell, line) for cell, line, _ in cell_lines(self.error)]
            self.error_lines = lines[-MAX_LINES:]
        return self.collector.finish(), bool(result.success) and not self.skipped

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.collector.error(etype.__name__, _safe_str(evalue), [str(line) for line in stb])

    def system(self, cmd: str) -> None:
        """Say that a `!` line does not run: submissions start no programs."""
        sys.stdout.write(f"[not run while grading: !{cmd}]\n")
        self.user_ns["_exit_code"] = 0

    system_raw = system_piped = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Say that a `!` line does not run, and return no output."""
        self.system(cmd)
        return SList() if split else LSString("")

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: no window can open."""

    def enable_matplotlib(self, gui: Any = None) -> tuple[str, str]:
        """Keep plots inline, whichever backend `%matplotlib` names."""
        return "inline", "module://matplotlib_inline.backend_inline"

    def ask_exit(self) -> None:
        """Ignore `exit()` and `quit()`: later cells still run."""


def depends_on_environment(error: BaseException, unbound: set[str]) -> bool:
    """Tell whether a statement failed because of the machine that it ran on.

    Args:
        error: what it raised.
        unbound: the names that are missing because of earlier such failures.
    """
    if isinstance(error, NameError):
        return error.name in unbound
    if isinstance(error, ImportError | OSError | UsageError | NoInputError):
        return True
    return re.search(r"\bCUDA\b|\bNVIDIA\b", _safe_str(error)) is not None


def build_shell() -> Shell:
    """Build the shell; it is ready to run cells once `take_over` has been called."""
    shell = Shell.instance()
    assert isinstance(shell, Shell)
    if "matplotlib" in sys.modules:
        _plot_inline(shell)
    return shell


def _plot_inline(shell: Shell) -> None:
    """Show figures as a notebook does, but render them only at the end of a cell."""
    import matplotlib
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure
    from matplotlib_inline import backend_inline

    matplotlib.use("module://matplotlib_inline.backend_inline")
    matplotlib.use = plt.switch_backend = _same_backend
    matplotlib.interactive(True)
    backend_inline.configure_inline_support(shell, "inline")
    assert shell.display_formatter is not None
    shell.display_formatter.formatters["image/png"].for_type(Figure, PendingFigure)
    shell.collector.album = Album()


def _same_backend(*_: object, **__: object) -> None:
    """Keep plots inline, whichever backend a notebook names: no window can open."""


def take_over(shell: Shell) -> None:
    """Redirect this process's output to the shell, refuse input and network, make sleeping free."""
    real_sleep = time.sleep

    def sleep(seconds: Any) -> None:
        """Return at once: waiting does not change what a notebook computes."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        real_sleep(0)

    sys.stdout = Stream("stdout", shell.collector)
    sys.stderr = Stream("stderr", shell.collector)
    builtins.input = getpass.getpass = _no_input
    socket.getaddrinfo = _no_network
    time.sleep = sleep


def _no_input(prompt: object = "", *_: object, **__: object) -> NoReturn:
    raise NoInputError(
        "Nobody can answer input() while your notebook is graded: "
        "write the value into the code instead."
    )


def _no_network(*_: object, **__: object) -> NoReturn:
    """Say more than the system's "Temporary failure in name resolution"."""
    raise socket.gaierror(socket.EAI_FAIL, "There is no network while your notebook is graded")


def describe_error(error: BaseException) -> dict[str, Any]:
    """Describe an exception: the line in the student's cells that it came from, or whose it is."""
    where = None
    for cell, line, text in cell_lines(error)[-1:]:
        where = {"cell": cell, "line": line, "source": text[:200]}
    kind, message = type(error).__name__[:100], _safe_str(error)[:2000]
    return {"type": kind, "message": message, "where": where, **blame(error)}


def cell_lines(error: BaseException) -> list[tuple[int, int, str]]:
    """Return the cells that an exception passed through, each with a line and its text."""
    frames = traceback.extract_tb(error.__traceback__)
    found = ((re.fullmatch(r"<cell (\d+)>", frame.filename), frame) for frame in frames)
    return [(int(m[1]), frame.lineno or 0, frame.line or "") for m, frame in found if m]


def _safe_str(error: object) -> str:
    try:
        return str(error)
    except Exception:
        return "(the error cannot be printed)"
