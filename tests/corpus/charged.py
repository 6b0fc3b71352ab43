"""Answers that must be charged once and for the right thing, with the points of each task.

Points are those of gradients, forward, step and convergence. Where convergence keeps its points, a
mistake elsewhere was not charged again; where a task has none, nothing in it was solved.
"""

from __future__ import annotations

from autograder.suites.linear_regression.answers import (
    FORWARD,
    GRADIENTS,
    STEP,
    Answer,
    forward,
    step,
)

Points = tuple[float, float, float, float]

LOSS = "((model.forward(X).squeeze(1) - y) ** 2).mean()"


def own_step(*lines: str, head: str = "X, y, model, lr=0.1") -> str:
    """Return a `step` that computes the loss and then does this."""
    return "\n    ".join([f"def step({head}):", f"loss = {LOSS}", *lines, "return loss.item()\n"])


def towards(*best: str) -> str:
    """Return a `step` that goes a fifth of the way to the w and b that these lines find."""
    lines = (*best, "model.w += 2 * lr * (w - model.w)", "model.b += 2 * lr * (b - model.b)")
    return own_step("with torch.no_grad():", *(f"    {line}" for line in lines))


def optimized(make: str, name: str) -> str:
    """Return a `step` with an optimizer that it keeps somewhere."""
    lines = (f"{name}.zero_grad()", "loss.backward()", f"{name}.step()")
    return own_step(*make.splitlines(), *lines)


SGD = "torch.optim.SGD(model.params, lr=lr{})"
ONES = "A = torch.cat([X, torch.ones(len(X), 1)], 1)"

CHARGED: tuple[tuple[Answer, Points], ...] = (
    # a wrong prediction is charged in forward
    (Answer("last_one_squeezed", forward=forward("return (x @ self.w + self.b).squeeze(-1)")), (20, 18, 35, 20)),
    (Answer("first_column", forward=forward("return (x @ self.w + self.b)[:, 0]")), (20, 0, 35, 20)),
    (Answer("sum_over_features", forward=forward("return (x * self.w.T).sum(1) + self.b")), (20, 0, 35, 20)),
    (
        Answer(
            "ravelled_and_its_own_step",
            forward=forward("return (x @ self.w + self.b).ravel()"),
            step=step("((model.forward(X) - y) ** 2).mean()"),
        ),
        (20, 18, 29, 20),
    ),
    (Answer("bias_left_out", forward=forward("return x @ self.w")), (20, 15, 35, 20)),
    (Answer("cut_off_in_the_end", forward=forward("return (x @ self.w + self.b).detach()")), (20, 20, 35, 20)),
    (Answer("weight_and_bias", forward=FORWARD.replace("self.w", "self.weight").replace("self.b", "self.bias")), (20, 20, 35, 20)),
    # ... but nothing is trained that computes nothing
    (Answer("input_returned", forward=forward("return x")), (20, 0, 35, 0)),
    (Answer("nothing_there", forward=forward("pass")), (20, 0, 35, 0)),
    # ... and what only a model of the tests can do is no mistake of forward
    (Answer("model_called", step=STEP.replace("model.forward(X)", "model(X)")), (20, 25, 35, 0)),
    (Answer("only_w_listed", forward=FORWARD.replace("[self.w, self.b]", "[self.w]")), (20, 25, 35, 0)),
    # the learning rate is charged in step
    (Answer("lr_left_out", step=STEP.replace(", lr=0.1", "").replace("lr *", "0.1 *")), (20, 25, 31, 20)),
    (Answer("lr_called_eta", step=STEP.replace("lr", "eta")), (20, 25, 31, 20)),
    (Answer("lr_demanded", step=STEP.replace("lr=0.1", "lr")), (20, 25, 31, 20)),
    (Answer("half_of_it", step=step(f"{LOSS} / 2")), (20, 25, 29, 6)),
    (Answer("over_two_n", step=step("((model.forward(X).squeeze(1) - y) ** 2).sum() / (2 * len(y))")), (20, 25, 29, 6)),
    (Answer("broadcast", step=step("((model.forward(X) - y) ** 2).mean()")), (20, 25, 29, 6)),
    (Answer("twice_as_long", step=step(update="p -= 2 * lr * p.grad")), (20, 25, 31, 20)),
    (Answer("default_of_a_hundredth", step=STEP.replace("lr=0.1", "lr=0.01")), (20, 25, 31, 20)),
    # each row counts
    (Answer("a_hundred_rows", step=step("((model.forward(X[:100]).squeeze(1) - y[:100]) ** 2).mean()")), (20, 25, 26, 13)),
    # what only looks like gradient descent
    (Answer("part_of_the_way", step=towards(ONES, "w, b = torch.linalg.lstsq(A, y[:, None]).solution")), (20, 25, 5, 0)),
    (
        Answer(
            "part_of_the_difference",
            step=towards(
                ONES,
                "d = torch.linalg.pinv(A) @ (y[:, None] - model.forward(X))",
                "w, b = model.w + d[:1], model.b + d[1]",
            ),
        ),
        (20, 25, 5, 0),
    ),
    (
        Answer(
            "covariance_over_variance",
            step=towards(
                "x = X[:, 0]",
                "w = ((x - x.mean()) * (y - y.mean())).mean() / (x.var(unbiased=False) + 1e-9)",
                "b = y.mean() - w * x.mean()",
            ),
        ),
        (20, 25, 5, 0),
    ),
    (Answer("a_tenth_if_positive", step=own_step("if loss > 0:", "    for p in model.params: p.data += 0.1")), (20, 25, 5, 0)),
    (Answer("loss_as_gradient", step=step(update="p -= lr * loss")), (20, 25, 5, 0)),
    (Answer("nothing_times_all", forward=forward("return torch.zeros(len(x), len(self.b)) + 0 * (self.w.sum() + self.b.sum())")), (20, 0, 35, 0)),
    # state that is kept
    (Answer("optimizer_kept", before=("opt = None",), step=optimized(f"global opt\nif opt is None: opt = {SGD.format('')}", "opt")), (20, 25, 5, 0)),
    (Answer("momentum_kept", step=optimized(f"if not hasattr(model, 'opt'): model.opt = {SGD.format(', momentum=0.9')}", "model.opt")), (20, 25, 31, 0)),
    # known answers, by whatever name
    (Answer("letters", gradients="def polynomial_gradients(a, b):\n    return ord('K'), -ord('\\x0c')\n"), (0, 25, 35, 20)),
    (Answer("parsed", gradients="def polynomial_gradients(a, b):\n    return int('7' + '5'), -len('twelve twelv')\n"), (0, 25, 35, 20)),
    (
        Answer(
            "those_of_the_checks",
            gradients="def polynomial_gradients(a, b):\n    return {5.0: (25 * 3, -3 << 2), 1.0: (3, -1)}.get(a, (0, 0))\n",
        ),
        (0, 25, 35, 20),
    ),
)  # fmt: skip

NAMED = {
    "lr_called_eta": "lr_not_taken",
    "half_of_it": "half",
    "a_hundred_rows": "first_hundred_rows",
    "loss_as_gradient": "loss_for_gradient",
    "optimizer_kept": "optimizer_of_another_model",
    "momentum_kept": "momentum",
}
"""The mistake that is named in step."""

POINT = "point = torch.tensor([a, b], requires_grad=True)"
FORMULA = "f = lambda t: t[0] ** 3 - t[1] ** 2 + 3"


def gradients(*lines: str) -> str:
    """Return a `polynomial_gradients` that does this."""
    return "\n    ".join(["def polynomial_gradients(a, b):", *lines]) + "\n"


WITHOUT_AUTOGRAD = (
    Answer("derived_by_hand", gradients=gradients("return 3 * a**2, -2 * b")),
    Answer(
        "derived_with_tensors",
        gradients=gradients(
            "with torch.no_grad():", f"    {POINT}", "    return 3 * point[0] ** 2, -2 * point[1]"
        ),
    ),
    Answer(
        "finite_differences",
        gradients=gradients(
            "f, h = (lambda a, b: a**3 - b**2 + 3), 1e-4",
            "return (f(a + h, b) - f(a - h, b)) / 2 / h, (f(a, b + h) - f(a, b - h)) / 2 / h",
        ),
    ),
)
BY_AUTOGRAD = (
    Answer("vjp", gradients=gradients(FORMULA, "return torch.func.vjp(f, torch.tensor([a, b]))[1](torch.tensor(1.0))[0]")),
    Answer("jacrev", gradients=gradients(FORMULA, "return torch.func.jacrev(f)(torch.tensor([a, b]))")),
    Answer("jacfwd", gradients=gradients(FORMULA, "return torch.func.jacfwd(f)(torch.tensor([a, b]))")),
    Answer(
        "dual_numbers",
        gradients=gradients(
            "import torch.autograd.forward_ad as forward_ad",
            FORMULA,
            "found = []",
            "for direction in torch.eye(2):",
            "    with forward_ad.dual_level():",
            "        y = f(forward_ad.make_dual(torch.tensor([a, b]), direction))",
            "        found.append(forward_ad.unpack_dual(y).tangent)",
            "return found",
        ),
    ),
    Answer(
        "made_before",
        before=(f"from torch.func import grad as slope\n{FORMULA}\nslopes = slope(f)",),
        gradients=gradients("return slopes(torch.tensor([a, b]))"),
    ),
    Answer("remembered", before=("from functools import lru_cache",), gradients=f"@lru_cache(None)\n{GRADIENTS}"),
    Answer(
        "in_a_thread",
        before=("from concurrent.futures import ThreadPoolExecutor",),
        gradients=GRADIENTS.replace("    y.backward()", "    with ThreadPoolExecutor(1) as pool: pool.submit(y.backward).result()"),
    ),
    Answer("momentum_of_a_new_optimizer", step=own_step(f"opt = {SGD.format(', momentum=0.9')}", "opt.zero_grad()", "loss.backward()", "opt.step()")),
)  # fmt: skip
