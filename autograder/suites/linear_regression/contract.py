"""Says whether another implementation behaves differently from the reference.

An oracle that is independent of the suite and stricter: it sees both implementations at once, so
it can try many inputs and inspect the tensors themselves. It runs in a process with torch and
imports nothing of ours.

Only the assignment's contract counts. What does not: whether a number is a float or a tensor,
the order of operations and of `params`, whether `p.grad` is None or zero after a step, what else
an object has, warnings, and what happens with inputs that the contract does not cover. Nor does
how the gradients of the polynomial were found: the task asks for autograd, and a person sees an
answer that does without it.
"""

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch

RTOL, ATOL = 1e-4, 1e-5  # for float32 results that are added up in another order

POINTS = ((5.0, 6.0), (0.0, 2.0), (2.0, 0.0), (1.0, 1.0), (-3.0, 0.5), (40.0, -60.0), (5.0, 6.0))
SIZES = ((1, 1), (1, 3), (3, 1), (3, 2), (2, 2), (4, 6), (7, 5))  # n_in and n_out
ROWS = (1, 2, 3, 4, 5, 6, 7)
STEP_ROWS = (1, 2, 7, 50)
# How a step is called: what follows the model, and the learning rate that it means.
RATES: tuple[tuple[tuple[float, ...], dict[str, float]], ...] = (
    ((), {}),
    ((), {"lr": 0.05}),
    ((0.02,), {}),
    ((), {"lr": 0.5}),
    ((0.5,), {}),
    ((), {"lr": 1e-3}),
    ((), {"lr": 0.0}),
    ((0.0,), {}),
)


class Different(Exception):
    """The other implementation behaves differently; the message says how."""


class Line:
    """A model that `step` may be given: w (k, 1) and b (1,), used in every usual way."""

    def __init__(self, w: torch.Tensor, b: torch.Tensor) -> None:
        self.w, self.b = w.clone().requires_grad_(), b.clone().requires_grad_()
        self.params = [self.w, self.b]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return x W + b."""
        return torch.nn.functional.linear(x, self.w.T, self.b)

    __call__ = forward

    def parameters(self) -> Iterator[torch.Tensor]:
        """Return what `torch.optim` asks a model for."""
        return iter(self.params)

    def zero_grad(self) -> None:
        """Drop the gradients."""
        for p in self.params:
            p.grad = None


def differences(reference: dict[str, Any], other: dict[str, Any]) -> str:
    """Return the first difference in behavior as a short sentence, "" if there is none.

    Both are namespaces that hold `polynomial_gradients`, `Linear` and `step`.
    """
    with torch.enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for name in ("polynomial_gradients", "Linear", "step"):
                require(name in other, f"There is no {name}.")
            for compare in (gradients, construction, forward, step, steps_in_a_row, training):
                compare(reference, other)
        except Different as difference:
            return str(difference)
    return ""


def gradients(reference: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare polynomial_gradients(a, b) at many points, one after the other."""
    draw = torch.Generator().manual_seed(1)
    drawn = (8 * torch.rand(20, 2, generator=draw) - 4).tolist()
    for a, b in (*POINTS, *drawn, *drawn[:3]):
        what = f"polynomial_gradients({a:g}, {b:g})"
        expected = reference["polynomial_gradients"](a, b)
        received = attempt(what, other["polynomial_gradients"], a, b)
        is_pair = hasattr(received, "__len__") and not isinstance(received, dict | set)
        length = attempt(f"the length of {what}", len, received) if is_pair else 0
        require(length == 2, f"{what} is not a pair.")
        for name, one, two in zip(("dy/da", "dy/db"), received, expected, strict=True):
            same_number(one, two, f"{name} of {what}")


def construction(reference: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare the parameters of Linear(n_in, n_out)."""
    for seed, (n_in, n_out) in enumerate(SIZES):
        what = f"Linear({n_in}, {n_out})"
        expected, received = twins(reference, other, n_in, n_out, seed)
        for name in ("w", "b"):
            same_parameter(received, expected, name, f"{name} of {what}")
        held = {id(p) for p in params_of(received, what)}
        require(held == {id(received.w), id(received.b)}, f"params of {what} are not w and b.")


def forward(reference: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare the prediction and its gradients, with the first parameters and with others."""
    draw = torch.Generator().manual_seed(2)
    for seed, (n_in, n_out) in enumerate(SIZES):
        models = twins(reference, other, n_in, n_out, seed)
        for n in ROWS:
            x = torch.randn(n, n_in, generator=draw)
            upstream = torch.randn(n, n_out, generator=draw)
            predict(*models, x, upstream)
            # The next prediction is made with other parameters.
            for part in (models[0].w, models[0].b):
                part.data = torch.randn(part.shape, generator=draw)
            attempt(f"Linear({n_in}, {n_out})", put, models[1], models[0].w, models[0].b)


def put(model: Any, w: torch.Tensor, b: torch.Tensor) -> None:
    """Give a model these parameters, in place."""
    with torch.no_grad():
        model.w.copy_(w)
        model.b.copy_(b)


def predict(expected: Any, received: Any, x: torch.Tensor, upstream: torch.Tensor) -> None:
    """Compare one prediction, and check that it changes nothing."""
    what = f"Linear{tuple(expected.w.shape)}.forward(x) with x of shape {tuple(x.shape)}"
    kept = x.clone()
    w, b = attempt(what, lambda: (received.w, received.b))
    prediction = attempt(what, lambda: received.forward(x))
    right = expected.forward(kept)
    same_tensor(prediction, right, what)
    require(prediction.requires_grad, f"No gradient flows through {what}.")
    flown = attempt(f"backward of {what}", flow, prediction, upstream, received)
    for name, one, two in zip("wb", flown, flow(right, upstream, expected), strict=True):
        same_tensor(one, two, f"the gradient to {name} of {what}")
    now = attempt(what, lambda: (received.w, received.b))
    require(now[0] is w and now[1] is b, f"{what} replaces a parameter.")
    same_tensor(w, expected.w, f"w after {what}")
    same_tensor(b, expected.b, f"b after {what}")
    same_tensor(x, kept, f"x after {what}")
    with torch.no_grad():
        same_tensor(attempt(what, lambda: received.forward(x)), right, f"{what}, without gradients")


def flow(prediction: torch.Tensor, upstream: torch.Tensor, model: Any) -> Any:
    """Return the gradients to w and b; None where nothing flows."""
    scalar = (prediction * upstream).sum()
    return torch.autograd.grad(scalar, (model.w, model.b), allow_unused=True)


def step(reference: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare one step, for each number of rows and each way to give the learning rate."""
    draw = torch.Generator().manual_seed(3)
    for n in STEP_ROWS:
        for args, kwargs in RATES:
            X, y, w, b = problem(draw, n)
            take_step(reference, other, (Line(w, b), Line(w, b)), (X, y), args, kwargs)


def steps_in_a_row(reference: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare consecutive steps with changing data and learning rates."""
    draw = torch.Generator().manual_seed(4)
    for n in STEP_ROWS:
        _, _, w, b = problem(draw, n)
        for models in ((Line(w, b), Line(w, b)), twins(reference, other, 1, 1, seed=n)):
            for lr in (0.05, 0.1, 0.0, 0.02, 0.05):
                X, y, _, _ = problem(draw, n)
                take_step(reference, other, models, (X, y), (), {"lr": lr})


def take_step(
    reference: dict[str, Any],
    other: dict[str, Any],
    models: tuple[Any, Any],
    data: tuple[torch.Tensor, torch.Tensor],
    args: tuple[float, ...],
    kwargs: dict[str, float],
) -> None:
    """Compare one step: the loss and the parameters; nothing else may change."""
    expected, received = models
    X, y = (part.clone() for part in data)
    given = ", ".join([*map(str, args), *(f"{name}={value}" for name, value in kwargs.items())])
    what = f"step(X, y, model{', ' if given else ''}{given}) with {len(y)} rows"
    held = params_of(received, f"the model before {what}")
    loss = reference["step"](*data, expected, *args, **kwargs)
    same_number(attempt(what, other["step"], X, y, received, *args, **kwargs), loss, what)
    now = params_of(received, f"the model after {what}")
    require(list(map(id, now)) == list(map(id, held)), f"{what} replaces params.")
    for name in ("w", "b"):
        same_parameter(received, expected, name, f"{name} after {what}")
        held_still = any(getattr(received, name) is p for p in held)
        require(held_still, f"{what} replaces {name}.")
    same_tensor(X, data[0], f"X after {what}")
    same_tensor(y, data[1], f"y after {what}")


def training(reference: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare where thirty steps from seed 4 end, and the losses on the way."""
    draw = torch.Generator().manual_seed(5)
    X = torch.randn(300, 1, generator=draw)
    y = 0.48 * X[:, 0] + 2 + 0.3 * torch.randn(300, generator=draw)
    expected, received = twins(reference, other, 1, 1, seed=4)
    for number in range(1, 31):
        what = f"step {number} of 30"
        loss = reference["step"](X, y, expected)
        same_number(attempt(what, other["step"], X, y, received), loss, f"the loss of {what}")
    for name in ("w", "b"):
        same_parameter(received, expected, name, f"{name} after 30 steps")
    ends = torch.tensor([[-1.0], [1.0]])
    prediction = attempt("forward after 30 steps", lambda: received.forward(ends))
    same_tensor(prediction, expected.forward(ends), "the prediction after 30 steps")


def twins(
    reference: dict[str, Any], other: dict[str, Any], n_in: int, n_out: int, seed: int
) -> tuple[Any, Any]:
    """Return Linear(n_in, n_out) of both, made from the same seed."""
    torch.manual_seed(seed)
    expected = reference["Linear"](n_in, n_out)
    torch.manual_seed(seed)
    return expected, attempt(f"Linear({n_in}, {n_out})", other["Linear"], n_in, n_out)


def problem(draw: torch.Generator, n: int) -> tuple[torch.Tensor, ...]:
    """Return X (n, 1) and y (n,), and w (1, 1) and b (1,) that do not fit them."""
    X = torch.rand(n, 1, generator=draw) + 0.5
    X *= 2 * torch.randint(2, (n, 1), generator=draw) - 1
    y = torch.randn(1, generator=draw) * X[:, 0] + 2 * torch.randn(n, generator=draw)
    return X, y, torch.randn(1, 1, generator=draw), torch.randn(1, generator=draw)


def attempt(what: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the other implementation; an exception is a difference, as the reference raises none.

    Raises:
        Different: it raises something.
    """
    try:
        return function(*args, **kwargs)
    except (Exception, SystemExit) as error:
        raise Different(f"{what} raises {type(error).__name__}.") from error


def require(condition: bool, message: str) -> None:
    """Raise the difference unless the condition holds.

    Raises:
        Different: it does not.
    """
    if not condition:
        raise Different(message)


def params_of(model: Any, what: str) -> list[Any]:
    """Return the two tensors that a model lists."""
    params: list[Any] = attempt(f"params of {what}", lambda: list(model.params))
    require(len(params) == 2, f"params of {what} are {len(params)}, not 2.")
    return params


def same_parameter(received: Any, expected: Any, name: str, what: str) -> None:
    """Require the same values in a leaf tensor that collects gradients."""
    part = attempt(what, getattr, received, name)
    same_tensor(part, getattr(expected, name), what)
    require(part.requires_grad and part.is_leaf, f"{what} does not collect gradients.")


def same_number(received: Any, expected: Any, what: str) -> None:
    """Require the same finite number, as a float or with one element; True is not a number."""
    value = one_number(received)
    require(value is not None, f"{what} is not a number.")
    right = float(expected)
    close = value is not None and abs(value - right) <= ATOL + RTOL * abs(right)
    require(close, f"{what} is a different number.")


def one_number(value: Any) -> float | None:
    """Return a finite real number, or None if the value is not one."""
    try:
        plain = value.item() if hasattr(value, "item") else value
        number = math.nan if isinstance(plain, str | bytes | bool) else float(plain)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def same_tensor(received: Any, expected: torch.Tensor, what: str) -> None:
    """Require a tensor of the same dtype, shape and values; NaN is equal to nothing."""
    require(isinstance(received, torch.Tensor), f"{what} is not a tensor.")
    require(received.dtype == expected.dtype, f"{what} has dtype {received.dtype}.")
    require(received.shape == expected.shape, f"{what} has shape {tuple(received.shape)}.")
    received = received.detach().to_dense()
    close = torch.allclose(received, expected.detach(), rtol=RTOL, atol=ATOL)
    require(close, f"{what} has other values.")
