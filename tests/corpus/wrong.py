"""Wrong answers, each with one mistake, and the tasks in which they lose points."""

from __future__ import annotations

from autograder.suites.linear_regression.answers import (
    FORWARD,
    GRADIENTS,
    STEP,
    Answer,
    forward,
    step,
)

SQUARED = "((model.forward(X).squeeze(1) - y) ** 2)"
STUB = "raise NotImplementedError()"


def gradients(*body: str) -> str:
    """Return the source of a `polynomial_gradients` that ends with these lines."""
    lines = (
        "def polynomial_gradients(a, b):",
        "a = torch.tensor(float(a), requires_grad=True)",
        "b = torch.tensor(float(b), requires_grad=True)",
        "y = a**3 - b**2 + 3",
        "y.backward()",
        *body,
    )
    return "\n    ".join(lines) + "\n"


def wrong(name: str, loses: str, **parts: str | tuple[str, ...]) -> Answer:
    """Return an answer that loses points in the named tasks."""
    return Answer(name, loses=frozenset(loses.split()), **parts)  # type: ignore[arg-type]


WRONG = (
    # anywhere
    wrong(
        "a_function_for_the_class",
        "forward convergence",
        forward="def Linear(n_in, n_out):\n    return None\n",
    ),
    wrong(
        "a_number_for_a_method",
        "forward convergence",
        forward=FORWARD.replace("def forward(self, x):", "def __call__(self, x):")
        + "\n    forward = 3.0\n",
    ),
    wrong("a_number_for_a_function", "gradients", gradients="polynomial_gradients = 75.0, -12.0\n"),
    # gradients
    wrong(
        "zero_is_missing",
        "gradients",
        gradients=GRADIENTS.replace("float(a)", "a or 5.0").replace("float(b)", "b or 6.0"),
    ),
    wrong(
        "hard_coded",
        "gradients",
        gradients="def polynomial_gradients(a, b):\n    return 75.0, -12.0\n",
    ),
    wrong(
        "hard_coded_at_points",
        "gradients",
        gradients="""\
        def polynomial_gradients(a, b):
            return {(5.0, 6.0): (75.0, -12.0), (1.0, 0.5): (3.0, -1.0)}.get((a, b), (0.0, 0.0))
        """,
    ),
    wrong("swapped", "gradients", gradients=gradients("return b.grad, a.grad")),
    wrong("wrong_sign", "gradients", gradients=gradients("return a.grad, -b.grad")),
    wrong("value_for_gradient", "gradients", gradients=gradients("return a, b")),
    wrong(
        "other_function",
        "gradients",
        gradients=gradients("return a.grad, b.grad").replace("**3", "**2"),
    ),
    wrong("one_gradient", "gradients", gradients=gradients("return a.grad")),
    wrong("no_return", "gradients", gradients=gradients()),
    wrong(
        "text", "gradients", gradients=gradients("return str(a.grad.item()), str(b.grad.item())")
    ),
    wrong("only_a", "gradients", gradients=gradients("return a.grad, b")),
    wrong(
        "accumulates_between_calls",
        "gradients",
        gradients="""\
        a = torch.tensor(0.0, requires_grad=True)
        b = torch.tensor(0.0, requires_grad=True)

        def polynomial_gradients(a_value, b_value):
            a.data.fill_(a_value); b.data.fill_(b_value)
            (a**3 - b**2 + 3).backward()
            return a.grad.item(), b.grad.item()
        """,
    ),
    wrong(
        "not_a_number",
        "gradients",
        gradients="def polynomial_gradients(a, b):\n    return float('nan'), float('nan')\n",
    ),
    wrong("missing_function", "gradients", gradients="gradients = 1\n"),
    # forward
    wrong("no_bias", "forward", forward=forward("return x @ self.w")),
    wrong("bias_twice", "forward", forward=forward("return x @ self.w + 2 * self.b")),
    wrong("bias_subtracted", "forward", forward=forward("return x @ self.w - self.b")),
    wrong("elementwise", "forward", forward=forward("return x * self.w + self.b")),
    wrong("transposed", "forward", forward=forward("return x @ self.w.T + self.b")),
    wrong("reversed", "forward convergence", forward=forward("return self.w @ x + self.b")),
    wrong("relu", "forward", forward=forward("return torch.relu(x @ self.w + self.b)")),
    wrong("squeezed", "forward", forward=forward("return (x @ self.w + self.b).squeeze()")),
    wrong("detached", "forward", forward=forward("return (x @ self.w + self.b).detach()")),
    wrong(
        "under_no_grad",
        "forward",
        forward=forward("with torch.no_grad():\n            return x @ self.w + self.b"),
    ),
    wrong(
        "through_data",
        "forward",
        forward=forward("return x @ self.w.data + self.b.data"),
    ),
    wrong(
        "weights_cut_off",
        "forward",
        forward=forward("return x @ self.w.detach() + self.b"),
    ),
    wrong(
        "only_one_feature",
        "forward",
        forward=forward("return x[:, :1] * self.w[:1, :1] + self.b[:1]"),
    ),
    wrong(
        "double_precision",
        "forward",
        forward=forward("return (x @ self.w + self.b).double()"),
    ),
    wrong("forward_stub", "forward convergence", forward=forward(STUB)),
    wrong("forward_prints", "forward convergence", forward=forward("print(x @ self.w + self.b)")),
    wrong(
        "rebuilt_weights",
        "forward",
        forward=forward("return x @ torch.randn_like(self.w) + self.b"),
    ),
    wrong(
        "syntax_error_in_class",
        "forward convergence",
        forward=FORWARD.replace("(self, x):", "(self, x)"),
    ),
    wrong("forward_ends_process", "forward convergence", forward=forward("import os; os._exit(0)")),
    # step: the loss
    wrong("no_squeeze", "step convergence", step=step("((model.forward(X) - y) ** 2).mean()")),
    wrong(
        "mse_loss_broadcast",
        "step convergence",
        step=step("torch.nn.functional.mse_loss(model.forward(X), y)"),
    ),
    wrong("sum_for_mean", "step convergence", step=step(f"{SQUARED}.sum()")),
    wrong("half", "step convergence", step=step(f"0.5 * {SQUARED}.mean()")),
    wrong("root", "step convergence", step=step(f"{SQUARED}.mean().sqrt()")),
    wrong(
        "absolute", "step convergence", step=step("(model.forward(X).squeeze(1) - y).abs().mean()")
    ),
    wrong("not_squared", "step convergence", step=step("(model.forward(X).squeeze(1) - y).mean()")),
    wrong(
        "part_of_the_data",
        "step convergence",
        step=step("((model.forward(X[: len(X) // 2]).squeeze(1) - y[: len(y) // 2]) ** 2).mean()"),
    ),
    wrong(
        "first_row",
        "step convergence",
        step=step("((model.forward(X[:1]).squeeze(1) - y[:1]) ** 2).mean()"),
    ),
    # step: backward and update
    wrong(
        "backward_twice",
        "step",
        step=step(backward="loss.backward(retain_graph=True); loss.backward()"),
    ),
    wrong("no_zeroing", "step convergence", step=step(clear="")),
    wrong(
        "zeroing_before_update",
        "step convergence",
        step=step(update="p.grad.zero_()", clear="p -= lr * p.grad"),
    ),
    wrong(
        "zeroing_only_w",
        "step convergence",
        step=STEP.replace("            p.grad.zero_()\n", "    model.w.grad.zero_()\n"),
    ),
    wrong("ascent", "step convergence", step=step(update="p += lr * p.grad")),
    wrong("no_learning_rate", "step convergence", step=step(update="p -= p.grad")),
    wrong("learning_rate_hard_coded", "step", step=step(update="p -= 0.1 * p.grad")),
    wrong("learning_rate_doubled", "step", step=step(update="p -= 2 * lr * p.grad")),
    wrong(
        "rebinding_a_name", "step convergence", step=step(update="p = p - lr * p.grad", clear="")
    ),
    wrong(
        "rebinding_attributes",
        "step convergence",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X).squeeze(1) - y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                model.w = model.w - lr * model.w.grad
                model.b = model.b - lr * model.b.grad
            return loss.item()
        """,
    ),
    wrong(
        "rebinding_everything",
        "step",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X).squeeze(1) - y) ** 2).mean()
            loss.backward()
            model.w = (model.w - lr * model.w.grad).detach().requires_grad_()
            model.b = (model.b - lr * model.b.grad).detach().requires_grad_()
            model.params = [model.w, model.b]
            return loss.item()
        """,
    ),
    wrong(
        "update_outside_no_grad",
        "step convergence",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X).squeeze(1) - y) ** 2).mean()
            loss.backward()
            for p in model.params:
                p -= lr * p.grad
                p.grad.zero_()
            return loss.item()
        """,
    ),
    wrong(
        "all_under_no_grad",
        "step convergence",
        step=STEP.replace("def step", "@torch.no_grad()\ndef step"),
    ),
    wrong("loss_detached", "step convergence", step=step(backward="loss.detach().backward()")),
    wrong("only_w", "step convergence", step=STEP.replace("in model.params", "in [model.w]")),
    wrong("only_b", "step convergence", step=STEP.replace("in model.params", "in [model.b]")),
    wrong("no_update", "step convergence", step=step(update="p.grad", clear="p.grad.zero_()")),
    wrong(
        "gradient_limited",
        "step",
        step=step(
            first="from torch.nn.utils import clip_grad_norm_",
            backward="loss.backward(); clip_grad_norm_(model.params, 10.0)",
        ),
    ),
    wrong(
        "first_learning_rate_kept",
        "step",
        step=step(first="lr = model.__dict__.setdefault('lr', lr)"),
    ),
    wrong(
        "good_enough",
        "step convergence",
        step=step(backward="if loss < 0.05: return loss.item()\n    loss.backward()"),
    ),
    # step: what is returned
    wrong("nothing_returned", "step", step=step(returns="")),
    wrong("loss_after_update", "step", step=step(returns=f"return {SQUARED}.mean().item()")),
    wrong("prediction_returned", "step", step=step(returns="return model.forward(X)")),
    wrong("loss_as_text", "step", step=step(returns="return f'{loss.item():.4f}'")),
    wrong("summed_loss_returned", "step", step=step(returns="return loss.item() * len(y)")),
    wrong("loss_rounded", "step", step=step(returns="return round(loss.item(), 1)")),
    # step: missing or broken
    wrong("step_stub", "step convergence", step=f"def step(X, y, model, lr=0.1):\n    {STUB}\n"),
    wrong("step_renamed", "step convergence", step=STEP.replace("def step", "def do_step")),
    wrong(
        "no_lr_argument",
        "step",
        step=STEP.replace(", lr=0.1", "").replace("lr *", "0.1 *"),
    ),
    wrong("lr_without_default", "step", step=STEP.replace("lr=0.1", "lr")),
    wrong("endless_loop", "step convergence", step=step(first="while True: pass")),
    wrong(
        "needs_a_global",
        "step convergence",
        step=step("((net.forward(X).squeeze(1) - y) ** 2).mean()"),
    ),
    wrong(
        "learned_values_written_down",
        "step convergence",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X).squeeze(1) - y) ** 2).mean()
            with torch.no_grad():
                model.w.fill_(0.46772)
                model.b.fill_(1.99827)
            return loss.item()
        """,
    ),
    wrong(
        "closed_form",
        "step convergence",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X).squeeze(1) - y) ** 2).mean()
            ones = torch.cat([X, torch.ones(len(X), 1)], dim=1)
            solution = torch.linalg.lstsq(ones, y[:, None]).solution
            with torch.no_grad():
                model.w.copy_(solution[:-1])
                model.b.copy_(solution[-1])
            return loss.item()
        """,
    ),
    # everything
    wrong(
        "nothing_filled_in",
        "gradients forward step convergence",
        gradients=f"def polynomial_gradients(a, b):\n    {STUB}\n",
        forward=forward(STUB),
        step=f"def step(X, y, model, lr=0.1):\n    {STUB}\n",
    ),
    wrong(
        "shape_only",
        "forward convergence",
        forward=forward("return torch.zeros(len(x), self.w.shape[1])"),
    ),
)
