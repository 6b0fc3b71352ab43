"""Findings name the mistake, in whatever style the code is written, and none that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from autograder.course import Assignment, Course
from autograder.record import Record, TaskScore
from autograder.sandbox.warm_process import WarmProcess
from autograder.suites.linear_regression.answers import Answer
from autograder.suites.linear_regression.misconceptions import MISCONCEPTIONS
from tests.conftest import GradedOnDemand, context_of, every_fifth, write_notebook

TASKS = {misconception.name: misconception.task for misconception in MISCONCEPTIONS}


@dataclass(frozen=True)
class Case:
    """A student's notebook, and the misconceptions that are to be found in it.

    Of what is in no library `says` is a part of the message that the student reads.
    """

    answer: Answer
    finds: str = ""
    says: Mapping[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> dict[str, set[str]]:
        """The names of what is to be found, by task."""
        names = self.finds.split()
        return {t: {n for n in names if TASKS[n] == t} for t in (TASKS[name] for name in names)}


def known(name: str, finds: str, **parts: str | tuple[str, ...]) -> Case:
    """Return a notebook with mistakes of the library, in a style of its own."""
    return Case(Answer(name, **parts), finds)  # type: ignore[arg-type]


def unknown(name: str, says: Mapping[str, str], **parts: str | tuple[str, ...]) -> Case:
    """Return a notebook with a mistake that is no known misconception."""
    return Case(Answer(name, **parts), says=says)  # type: ignore[arg-type]


GRADIENTS: tuple[Case, ...] = (
    known(
        "asked_of_autograd_in_the_wrong_order",
        "swapped",
        gradients="""\
        def polynomial_gradients(a, b):
            u, v = (torch.tensor(float(t), requires_grad=True) for t in (a, b))
            polynomial = u.pow(3) - v.pow(2) + 3
            gv, gu = torch.autograd.grad(polynomial, [v, u])
            return gv.item(), gu.item()
        """,
    ),
    known(
        "a_helper_with_the_wrong_sign",
        "minus_forgotten",
        gradients="""\
        def f(t):
            return t[0] ** 3 + t[1] ** 2 + 3

        def polynomial_gradients(a, b):
            t = torch.tensor([a, b], dtype=torch.float64, requires_grad=True)
            f(t).backward()
            return t.grad
        """,
    ),
    known(
        "by_hand_with_the_square_of_a",
        "square_for_cube",
        gradients="""\
        def polynomial_gradients(a, b):
            dy_da = 2 * a
            dy_db = -2 * b
            return [dy_da, dy_db]
        """,
    ),
    known(
        "times_three",
        "times_for_power_of_a",
        gradients="""\
        def polynomial_gradients(a, b):
            first = torch.tensor([float(a)], requires_grad=True)
            second = torch.tensor([float(b)], requires_grad=True)
            out = first * 3 - second * second + 3
            out.sum().backward()
            return first.grad, second.grad
        """,
    ),
    known(
        "parameters_of_a_module_made_once",
        "left_over_between_calls",
        gradients="""\
        class Polynomial(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = torch.nn.Parameter(torch.zeros(()))
                self.b = torch.nn.Parameter(torch.zeros(()))

            def forward(self):
                return self.a**3 - self.b**2 + 3

        polynomial = Polynomial()

        def polynomial_gradients(a, b):
            with torch.no_grad():
                polynomial.a.copy_(torch.tensor(a))
                polynomial.b.copy_(torch.tensor(b))
            polynomial().backward()
            return polynomial.a.grad.item(), polynomial.b.grad.item()
        """,
    ),
    known(
        "tensors_without_gradients",
        "cut_off",
        gradients="""\
        def polynomial_gradients(a, b):
            a = torch.as_tensor(a, dtype=torch.float32)
            b = torch.as_tensor(b, dtype=torch.float32)
            y = torch.pow(a, 3) - torch.pow(b, 2) + 3
            y.backward()
            return a.grad.item(), b.grad.item()
        """,
    ),
    known(
        "nobody_goes_backward",
        "no_backward",
        gradients="""\
        def polynomial_gradients(a, b):
            x1 = torch.tensor(float(a)).requires_grad_()
            x2 = torch.tensor(float(b)).requires_grad_()
            z = x1**3 - x2**2 + 3
            return (x1.grad, x2.grad)
        """,
    ),
    known(
        "nobody_goes_backward_and_floats_are_wanted",
        "no_backward",
        gradients="""\
        def polynomial_gradients(a, b):
            x1 = torch.tensor(float(a), requires_grad=True)
            x2 = torch.tensor(float(b), requires_grad=True)
            z = x1**3 - x2**2 + 3
            return float(x1.grad), float(x2.grad)
        """,
    ),
    known(
        "the_value_is_returned",
        "y_for_gradient",
        gradients="""\
        def polynomial_gradients(a, b):
            a = torch.tensor(float(a), requires_grad=True)
            b = torch.tensor(float(b), requires_grad=True)
            result = a * a * a - b * b + 3
            result.backward()
            return result.item(), result.item()
        """,
    ),
    known(
        "what_the_notebook_says",
        "written_down",
        gradients="def polynomial_gradients(a, b):\n    answer = (75, -12)\n    return answer\n",
    ),
    known(
        "printed_only",
        "gradients_not_returned",
        gradients="""\
        def polynomial_gradients(a, b):
            a = torch.tensor(float(a), requires_grad=True)
            b = torch.tensor(float(b), requires_grad=True)
            (a**3 - b**2 + 3).backward()
            print("dy/da", a.grad, "dy/db", b.grad)
        """,
    ),
    known(
        "a_for_both",
        "same_gradient_twice",
        gradients="""\
        def polynomial_gradients(a, b):
            leaves = [torch.tensor(float(v), requires_grad=True) for v in (a, b)]
            y = leaves[0] ** 3 - leaves[1] ** 2 + 3
            y.backward()
            return tuple(leaves[0].grad for leaf in leaves)
        """,
    ),
    known(
        "backward_for_each_of_the_two",
        "backward_twice_on_y",
        gradients="""\
        def polynomial_gradients(a, b):
            a = torch.tensor(float(a), requires_grad=True)
            b = torch.tensor(float(b), requires_grad=True)
            y = a**3 - b**2 + 3
            y.backward(retain_graph=True)
            da = a.grad
            y.backward()
            db = b.grad
            return da, db
        """,
    ),
    known(
        "a_float_for_a",
        "a_not_recorded",
        gradients="""\
        def polynomial_gradients(a, b):
            a = torch.tensor(float(a), requires_grad=False)
            b = torch.tensor(float(b), requires_grad=True)
            y = -(b**2) + a**3 + 3
            y.backward()
            return a.grad, b.grad
        """,
    ),
    known(
        "the_tensors_themselves",
        "point_for_gradient",
        gradients="""\
        def polynomial_gradients(a, b):
            a = torch.tensor(float(a), requires_grad=True)
            b = torch.tensor(float(b), requires_grad=True)
            y = a**3 - b**2 + 3
            y.backward()
            return a.item(), b.item()
        """,
    ),
)

GRADIENTS += (
    known(
        "a_caret_for_each_power",
        "caret_for_power",
        gradients="""\
        def polynomial_gradients(a, b):
            u = torch.tensor(float(a), requires_grad=True)
            v = torch.tensor(float(b), requires_grad=True)
            first, second = u ^ 3, v ^ 2
            y = first - second + 3
            y.backward()
            return u.grad.item(), v.grad.item()
        """,
    ),
    known(
        "what_backward_returns",
        "gradients_not_returned",
        gradients="""\
        def polynomial_gradients(a, b):
            u = torch.tensor(float(a), requires_grad=True)
            v = torch.tensor(float(b), requires_grad=True)
            return (u**3 - v**2 + 3).backward()
        """,
    ),
)

FORWARD: tuple[Case, ...] = (
    known(
        "matmul_without_bias",
        "no_bias",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, inputs):
                prediction = torch.matmul(inputs, self.w)
                return prediction
        """,
    ),
    known(
        "a_module_that_multiplies_elements",
        "elementwise",
        forward="""\
        class Linear(torch.nn.Module):
            def __init__(self, n_in, n_out):
                super().__init__()
                self.w = torch.nn.Parameter(torch.randn(n_in, n_out))
                self.b = torch.nn.Parameter(torch.randn(n_out))
                self.params = [self.w, self.b]

            def forward(self, x):
                return torch.mul(x, self.w).add(self.b)
        """,
    ),
    known(
        "linear_of_torch_without_transposing",
        "transposed",
        forward="""\
        import torch.nn.functional as F

        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return F.linear(x, self.w, self.b)
        """,
    ),
    known(
        "w_times_x",
        "reversed",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return torch.mm(self.w, x) + self.b
        """,
    ),
    known(
        "rows_in_a_loop_lose_a_dimension",
        "squeezed",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                rows = []
                for row in x:
                    rows.append((row[:, None] * self.w).sum(0) + self.b)
                return torch.squeeze(torch.stack(rows))
        """,
    ),
    known(
        "one_long_row",
        "flattened",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return torch.addmm(self.b, x, self.w).view(-1)
        """,
    ),
    known(
        "predictions_without_a_record",
        "not_recorded",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            @torch.no_grad()
            def forward(self, x):
                return torch.einsum("ni,io->no", x, self.w) + self.b
        """,
    ),
    known(
        "data_at_the_end",
        "detached",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                out = x.mm(self.w)
                out = out + self.b
                return out.data
        """,
    ),
    known(
        "a_base_class_with_an_activation",
        "relu",
        forward="""\
        class Layer:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def product(self, x):
                return x @ self.w

        class Linear(Layer):
            def forward(self, x):
                return (self.product(x) + self.b).clamp(min=0)
        """,
    ),
    known(
        "a_sigmoid_written_out",
        "sigmoid",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                z = torch.matmul(x, self.w) + self.b
                return 1 / (1 + torch.exp(-z))
        """,
    ),
    known(
        "a_new_tensor_of_the_bias",
        "bias_cut_off",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                bias = torch.tensor(self.b.tolist())
                return torch.matmul(x, self.w) + bias
        """,
    ),
    known(
        "kept_in_an_attribute",
        "prediction_not_returned",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                self.out = x @ self.w + self.b
        """,
    ),
    known(
        "computed_in_numpy",
        "numpy_result",
        forward="""\
        import numpy as np

        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                w, b = self.w.detach().numpy(), self.b.detach().numpy()
                return np.dot(x.numpy(), w) + b
        """,
    ),
    known(
        "the_bias_once_in_the_product_and_once_after",
        "bias_twice",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                out = torch.nn.functional.linear(x, self.w.t(), self.b)
                return out + self.b
        """,
    ),
)

FORWARD += (
    known(
        "the_input_turned_over",
        "x_transposed",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return torch.mm(torch.transpose(x, 0, 1), self.w) + self.b
        """,
    ),
    known(
        "dot_as_in_numpy",
        "dot_product",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return torch.dot(x, self.w) + self.b
        """,
    ),
)

STEP: tuple[Case, ...] = (
    known(
        "mse_loss_of_a_column_and_a_row",
        "broadcasting",
        step="""\
        import warnings
        import torch.nn.functional as F

        def step(X, y, model, lr=0.1):
            warnings.simplefilter("ignore")
            optimizer = torch.optim.SGD(model.params, lr=lr)
            optimizer.zero_grad()
            error = F.mse_loss(model.forward(X), y)
            error.backward()
            optimizer.step()
            return error.item()
        """,
    ),
    known(
        "sgd_and_a_sum",
        "sum_for_mean",
        step="""\
        def step(X, y, model, lr=0.1):
            sgd = torch.optim.SGD([model.w, model.b], lr=lr)
            sgd.zero_grad()
            residuals = model.forward(X).view(-1) - y
            loss = residuals.pow(2).sum()
            loss.backward()
            sgd.step()
            return float(loss)
        """,
    ),
    known(
        "by_hand_without_the_two",
        "learning_rate_halved",
        step="""\
        def step(X, y, model, lr=0.1):
            with torch.no_grad():
                r = model.forward(X)[:, 0] - y
                n = len(y)
                grad_w = X.T @ r[:, None] / n
                grad_b = r.sum() / n
                model.w -= lr * grad_w
                model.b -= lr * grad_b
                return (r ** 2).mean()
        """,
    ),
    known(
        "by_hand_without_dividing_by_n",
        "sum_for_mean",
        step="""\
        def step(X, y, model, lr=0.1):
            r = (model.forward(X).reshape(-1) - y).detach()
            grad_w = 2 * X.T @ r[:, None]
            grad_b = 2 * r.sum()
            model.w.data.sub_(lr * grad_w)
            model.b.data.sub_(lr * grad_b)
            return torch.sum(r**2).item()
        """,
    ),
    known(
        "by_hand_uphill",
        "ascent",
        step="""\
        def step(X, y, model, lr=0.1):
            with torch.no_grad():
                r = y - model.forward(X).squeeze()
                n = y.shape[0]
                model.w -= lr * 2 / n * X.t() @ r.reshape(n, 1)
                model.b -= lr * 2 / n * r.sum()
            return r.pow(2).mean().item()
        """,
    ),
    known(
        "the_update_adds",
        "ascent",
        step="""\
        def gradients_of(loss, params):
            return torch.autograd.grad(loss, params)

        def step(X, y, model, lr=0.1):
            mse = torch.nn.MSELoss()(model.forward(X)[:, 0], y)
            for p, g in zip(model.params, gradients_of(mse, model.params)):
                p.data.add_(g, alpha=lr)
            return mse
        """,
    ),
    known(
        "no_lr_in_the_update",
        "no_learning_rate",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.mean((model.forward(X).flatten() - y) ** 2)
            g = torch.autograd.grad(loss, model.params)
            model.w.data = model.w.data - g[0]
            model.b.data = model.b.data - g[1]
            return loss.item()
        """,
    ),
    known(
        "an_optimizer_with_a_number",
        "learning_rate_fixed",
        step="""\
        def step(X, y, model, lr=0.1):
            opt = torch.optim.SGD(model.params, lr=0.1)
            loss = torch.nn.functional.mse_loss(model.forward(X).squeeze(-1), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            return loss.item()
        """,
    ),
    known(
        "no_zero_grad",
        "gradients_add_up",
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.SGD(model.params, lr=lr)
            loss = torch.nn.MSELoss()(model.forward(X), y.unsqueeze(1))
            loss.backward()
            optimizer.step()
            return loss.item()
        """,
    ),
    known(
        "zero_grad_between_backward_and_step",
        "zeroed_before_the_update",
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.SGD(model.params, lr=lr)
            loss = ((model.forward(X)[:, 0] - y) ** 2).mean()
            loss.backward()
            optimizer.zero_grad(set_to_none=False)
            optimizer.step()
            return loss.item()
        """,
    ),
    known(
        "a_new_name_for_the_result",
        "rebinding",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X)[:, 0] - y) ** 2).mean()
            loss.backward()
            w, b = model.params
            w = w - lr * w.grad
            b = b - lr * b.grad
            return loss.item()
        """,
    ),
    known(
        "in_place_while_recording",
        "update_recorded",
        step="""\
        def step(X, y, model, lr=0.1):
            cost = ((model.forward(X).view(-1) - y) ** 2).mean()
            cost.backward()
            for parameter in model.params:
                parameter.sub_(lr * parameter.grad)
                parameter.grad.zero_()
            return cost.item()
        """,
    ),
    known(
        "everything_under_no_grad",
        "all_under_no_grad",
        step="""\
        def step(X, y, model, lr=0.1):
            with torch.no_grad():
                prediction = model.forward(X).flatten()
                loss = (prediction - y).square().mean()
                loss.backward()
                for p in model.params:
                    p.copy_(p - lr * p.grad)
                    p.grad = None
            return loss.item()
        """,
    ),
    known(
        "a_fresh_tensor_of_the_prediction",
        "prediction_detached",
        step="""\
        def step(X, y, model, lr=0.1):
            guess = torch.tensor(model.forward(X).tolist())[:, 0]
            loss = torch.mean((guess - y) ** 2)
            loss.backward()
            for p in model.params:
                p.data -= lr * p.grad
                p.grad.zero_()
            return loss.item()
        """,
    ),
    known(
        "the_loss_as_a_number_in_a_tensor",
        "no_gradient_there",
        step="""\
        def step(X, y, model, lr=0.1):
            mse = ((model.forward(X)[:, 0] - y) ** 2).mean().item()
            loss = torch.tensor(mse, requires_grad=True)
            loss.backward()
            for p in model.params:
                p.data -= lr * p.grad
                p.grad = None
            return mse
        """,
    ),
    known(
        "half_as_in_the_lecture",
        "half",
        step="""\
        def cost(model, X, y):
            m = X.shape[0]
            return ((model.forward(X).ravel() - y) ** 2).sum() / (2 * m)

        def step(X, y, model, lr=0.1):
            J = cost(model, X, y)
            dw, db = torch.autograd.grad(J, (model.w, model.b))
            with torch.no_grad():
                model.w.copy_(model.w - lr * dw)
                model.b.copy_(model.b - lr * db)
            return J.item()
        """,
    ),
    known(
        "rmse",
        "root",
        step="""\
        def step(X, y, model, lr=0.1):
            rmse = torch.sqrt(torch.nn.functional.mse_loss(model.forward(X)[:, 0], y))
            rmse.backward()
            with torch.no_grad():
                for p in model.params:
                    p -= lr * p.grad
                    p.grad = None
            return rmse.item()
        """,
    ),
    known(
        "l1_loss",
        "absolute",
        step="""\
        def step(X, y, model, lr=0.1):
            opt = torch.optim.SGD(model.params, lr)
            opt.zero_grad()
            loss = torch.nn.L1Loss()(model.forward(X).squeeze(1), y)
            loss.backward()
            opt.step()
            return loss.item()
        """,
    ),
    known(
        "the_weight_only",
        "only_w",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X).squeeze(1) - y) ** 2).mean()
            gradient, = torch.autograd.grad(loss, [model.w])
            model.w.data -= lr * gradient
            return loss.item()
        """,
    ),
    known(
        "in_batches_and_all_but_the_last",
        "last_row_left_out",
        step="""\
        def step(X, y, model, lr=0.1):
            n = len(X) - 1 or 1
            total = 0.0
            for start in range(0, n, 500):
                rows = slice(start, min(start + 500, n))
                total = total + ((model.forward(X[rows]).view(-1) - y[rows]) ** 2).sum()
            loss = total / n
            loss.backward()
            with torch.no_grad():
                for p in model.params:
                    p -= lr * p.grad
                    p.grad.zero_()
            return loss.item()
        """,
    ),
    known(
        "twice_backward_in_an_optimizer",
        "backward_twice",
        step="""\
        def step(X, y, model, lr=0.1):
            opt = torch.optim.SGD(model.params, lr=lr)
            loss = ((model.forward(X)[:, 0] - y) ** 2).mean()
            opt.zero_grad()
            loss.backward(retain_graph=True)
            loss.backward()
            opt.step()
            return loss.item()
        """,
    ),
    known(
        "new_parameters",
        "parameters_replaced",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X)[:, 0] - y) ** 2).mean()
            dw, db = torch.autograd.grad(loss, [model.w, model.b])
            model.w = (model.w.detach() - lr * dw).requires_grad_(True)
            model.b = (model.b.detach() - lr * db).requires_grad_(True)
            model.params = [model.w, model.b]
            return loss.item()
        """,
    ),
    known(
        "the_loss_of_the_new_model",
        "loss_after_the_update",
        step="""\
        def mse(X, y, model):
            return torch.mean((model.forward(X).squeeze(1) - y) ** 2)

        def step(X, y, model, lr=0.1):
            mse(X, y, model).backward()
            for p in model.params:
                p.data = p.data - lr * p.grad
                p.grad = None
            return mse(X, y, model).item()
        """,
    ),
    known(
        "printed_loss",
        "loss_not_returned",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
            grads = torch.autograd.grad(loss, model.params)
            with torch.no_grad():
                for p, g in zip(model.params, grads):
                    p.sub_(g * lr)
            print(f"loss: {loss.item():.3f}")
        """,
    ),
    known(
        "adam",
        "sign_of_the_gradient",
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.Adam(model.params, lr=lr)
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
            loss.backward()
            optimizer.step()
            return loss.item()
        """,
    ),
    known(
        "two_times_the_gradient_by_habit",
        "learning_rate_doubled",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0].double(), y.double())
            loss.backward()
            with torch.no_grad():
                for p in model.params:
                    p.add_(p.grad, alpha=-2 * lr)
                    p.grad.fill_(0)
            return loss.item()
        """,
    ),
    known(
        "errors_squared_after_averaging",
        "squared_after_the_mean",
        step="""\
        def step(X, y, model, lr=0.1):
            difference = model.forward(X).squeeze(1) - y
            loss = torch.mean(difference).square()
            loss.backward()
            with torch.no_grad():
                model.w -= lr * model.w.grad
                model.b -= lr * model.b.grad
            model.w.grad.zero_()
            model.b.grad.zero_()
            return loss.item()
        """,
    ),
    known(
        "zeroed_at_the_beginning",
        "zeroed_before_there_is_one",
        step="""\
        def step(X, y, model, lr=0.1):
            model.w.grad.zero_()
            model.b.grad.zero_()
            loss = torch.mean((model.forward(X).squeeze(1) - y) ** 2)
            loss.backward()
            model.w.data -= lr * model.w.grad
            model.b.data -= lr * model.b.grad
            return loss.item()
        """,
    ),
    known(
        "a_loop_inside",
        "two_steps_in_one",
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.SGD(model.params, lr=lr)
            for epoch in range(2):
                optimizer.zero_grad()
                loss = ((model.forward(X)[:, 0] - y) ** 2).mean()
                loss.backward()
                optimizer.step()
            return loss.item()
        """,
    ),
    known(
        "no_lr_in_the_def_line",
        "lr_not_taken",
        step="""\
        def step(X, y, model):
            optimizer = torch.optim.SGD(model.params, lr=0.1)
            optimizer.zero_grad()
            loss = ((model.forward(X)[:, 0] - y) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss.item()
        """,
    ),
)

STEP += (
    known(
        "zeroed_before_the_second_line",
        "zeroed_before_there_is_one",
        step="""\
        def step(X, y, model, lr=0.1):
            prediction = model.forward(X).view(-1)
            loss = torch.nn.MSELoss()(prediction, y)
            [p.grad.zero_() for p in model.params]
            loss.backward()
            for p in model.params:
                p.data.add_(-lr * p.grad)
            return loss.item()
        """,
    ),
    known(
        "the_loss_is_what_backward_returns",
        "backward_result_used",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
            loss = loss.backward()
            with torch.no_grad():
                model.w.copy_(model.w - lr * model.w.grad)
                model.b.copy_(model.b - lr * model.b.grad)
                model.w.grad.zero_()
                model.b.grad.zero_()
            return loss.item()
        """,
    ),
    known(
        "the_gradients_are_what_backward_returns",
        "backward_result_used",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X).ravel() - y) ** 2).mean()
            grads = loss.backward()
            for p in model.params:
                p.data -= grads * lr
            return float(loss)
        """,
    ),
    known(
        "a_number_goes_backward",
        "backward_on_a_number",
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.SGD(model.params, lr=lr)
            optimizer.zero_grad()
            mse = float(torch.nn.functional.mse_loss(model.forward(X)[:, 0], y))
            mse.backward()
            optimizer.step()
            return mse
        """,
    ),
    known(
        "by_hand_and_not_divided",
        "gradient_summed",
        step="""\
        def step(X, y, model, lr=0.1):
            with torch.no_grad():
                r = (model.forward(X)[:, 0] - y).double()
                model.w -= (lr * 2 * X.double().T @ r[:, None]).float()
                model.b -= (lr * 2 * torch.sum(r)).float()
            return (r**2).mean().item()
        """,
    ),
    known(
        "a_loss_for_each_row_goes_backward_as_a_sum",
        "gradient_summed",
        step="""\
        def step(X, y, model, lr=0.1):
            losses = (model.forward(X)[:, 0] - y) ** 2
            losses.backward(torch.ones_like(losses))
            with torch.no_grad():
                for p in model.params:
                    p -= lr * p.grad
                    p.grad = None
            return losses.mean().item()
        """,
    ),
    known(
        "by_hand_and_x_forgotten",
        "gradient_without_x",
        step="""\
        def step(X, y, model, lr=0.1):
            with torch.no_grad():
                r = model.forward(X)[:, 0] - y
                slope = 2 * r.mean()
                model.w.sub_(lr * slope)
                model.b.sub_(lr * slope)
                return r.square().mean()
        """,
    ),
    known(
        "sgd_with_a_hundredth",
        "own_learning_rate",
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.SGD(model.params, lr=1e-2)
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
            loss.backward()
            optimizer.step()
            return loss.item()
        """,
    ),
    known(
        "set_to_none_too_early",
        "removed_before_the_update",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X)[:, 0] - y) ** 2).mean()
            loss.backward()
            for p in model.params:
                p.grad = None
            with torch.no_grad():
                for p in model.params:
                    p -= lr * p.grad
            return loss.item()
        """,
    ),
    known(
        "no_parentheses",
        "item_not_called",
        step="""\
        def step(X, y, model, lr=0.1):
            mse = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
            for p, g in zip(model.params, torch.autograd.grad(mse, model.params)):
                p.data -= lr * g
            return mse.item
        """,
    ),
    known(
        "returns_what_backward_returns",
        "loss_not_returned",
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.SGD(model.params, lr=lr)
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y).backward()
            optimizer.step()
            return loss
        """,
    ),
    known(
        "epochs_inside",
        "whole_training_in_one",
        step="""\
        def step(X, y, model, lr=0.1):
            for epoch in range(30):
                loss = torch.mean((model.forward(X).squeeze(1) - y) ** 2)
                dw, db = torch.autograd.grad(loss, model.params)
                model.w.data -= lr * dw
                model.b.data -= lr * db
            return loss.item()
        """,
    ),
    known(
        "a_method_that_learns",
        "ascent",
        before=(
            "class Trainer:\n"
            "    def __init__(self, model, lr):\n"
            "        self.model, self.lr = model, lr\n\n"
            "    def loss(self, X, y):\n"
            "        return torch.nn.functional.mse_loss(self.model.forward(X).view(-1), y)\n",
            "class GradientDescent(Trainer):\n"
            "    def once(self, X, y):\n"
            "        loss = self.loss(X, y)\n"
            "        for p, g in zip(self.model.params, torch.autograd.grad(loss, self.model.params)):\n"
            "            p.data = torch.add(p.data, self.lr * g)\n"
            "        return loss.detach()\n",
        ),
        step="""\
        def step(X, y, model, lr=0.1):
            return GradientDescent(model, lr).once(X, y)
        """,
    ),
)

TWO_AT_ONCE = (
    known(
        "uphill_and_half",
        "ascent half",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = 0.5 * ((model.forward(X)[:, 0] - y) ** 2).mean()
            grads = torch.autograd.grad(loss, model.params)
            for p, g in zip(model.params, grads):
                p.data += lr * g
            return loss.item()
        """,
    ),
    known(
        "broadcast_and_summed",
        "broadcasting sum_for_mean",
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.SGD(model.params, lr=lr)
            optimizer.zero_grad()
            loss = torch.sum((model.forward(X) - y) ** 2)
            loss.backward()
            optimizer.step()
            return loss.item()
        """,
    ),
    known(
        "gradients_left_and_loss_as_text",
        "gradients_add_up loss_as_text",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.nn.functional.mse_loss(model.forward(X).view(-1), y)
            loss.backward()
            for p in model.params:
                p.data.sub_(lr * p.grad)
            return str(loss.item())
        """,
    ),
    known(
        "one_parameter_and_nothing_returned",
        "only_w loss_not_returned",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.nn.functional.mse_loss(model.forward(X).view(-1), y)
            loss.backward()
            model.w.data.sub_(lr * model.w.grad)
            model.w.grad = model.b.grad = None
        """,
    ),
    known(
        "by_hand_without_dividing_and_without_the_two",
        "gradient_summed learning_rate_halved",
        step="""\
        def step(X, y, model, lr=0.1):
            with torch.no_grad():
                residual = model.forward(X)[:, 0] - y
                model.w -= lr * (X.T @ residual[:, None])
                model.b -= lr * residual.sum()
            return residual.square().mean()
        """,
    ),
    known(
        "one_feature_and_no_bias",
        "first_feature_only no_bias",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return x[:, 0:1] * self.w[0]
        """,
    ),
    known(
        "averaged_and_subtracted",
        "averaged_over_features bias_subtracted",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                columns = [x[:, [j]] * self.w[j] for j in range(len(self.w))]
                return sum(columns) / len(columns) - self.b
        """,
    ),
    known(
        "sign_and_order",
        "minus_forgotten swapped",
        gradients="""\
        def polynomial_gradients(a, b):
            u, v = (torch.tensor(float(t), requires_grad=True) for t in (a, b))
            return torch.autograd.grad(u**3 + v**2 + 3, (v, u))
        """,
    ),
)

IN_SEVERAL_TASKS = (
    known(
        "no_bias_and_a_sum",
        "no_bias sum_for_mean",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return x.matmul(self.w)
        """,
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.sum((model.forward(X).flatten() - y) ** 2)
            for p, g in zip(model.params, torch.autograd.grad(loss, model.params, allow_unused=True)):
                if g is not None:
                    p.data.sub_(lr * g)
            return loss.item()
        """,
    ),
    known(
        "relu_and_rebinding",
        "relu rebinding",
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return torch.nn.functional.relu(x.mm(self.w) + self.b)
        """,
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
            model_grads = torch.autograd.grad(loss, model.params)
            for p, g in zip(model.params, model_grads):
                p = p - lr * g
            return loss.item()
        """,
    ),
    known(
        "in_all_three",
        "swapped squeezed no_learning_rate",
        gradients="""\
        def polynomial_gradients(a, b):
            u, v = (torch.tensor(float(t), requires_grad=True) for t in (a, b))
            return torch.autograd.grad(u**3 - v**2 + 3, (v, u))
        """,
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return (x.mm(self.w) + self.b).squeeze()
        """,
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.nn.functional.mse_loss(model.forward(X).flatten(), y)
            for p, g in zip(model.params, torch.autograd.grad(loss, model.params)):
                p.data -= g
            return loss.item()
        """,
    ),
)

SQUARED = "((model.forward(X)[:, 0] - y) ** 2).mean()"


def own_step(*lines: str, loss: str = SQUARED) -> str:
    """Return `step` with a loss and these lines for the update."""
    body = [f"loss = {loss}", "dw, db = torch.autograd.grad(loss, model.params)", *lines]
    return "\n    ".join(["def step(X, y, model, lr=0.1):", *body, "return loss.item()"])


MOVES = ("model.w.data -= lr * dw", "model.b.data -= lr * db")

IN_NO_LIBRARY = (
    unknown(
        "noise_in_the_update",
        {"step": "is something random, or kept from an earlier call?"},
        step=own_step(*MOVES, "model.w.data += 0.05 * torch.randn(1, 1)"),
    ),
    unknown(
        "half_of_a_momentum",
        {"step": "It goes on with a part of the step before, as momentum does."},
        step=own_step(
            "vw, vb = getattr(model, 'velocity', (0, 0))",
            "model.velocity = vw, vb = 0.5 * vw + dw, 0.5 * vb + db",
            "model.w.data -= lr * vw",
            "model.b.data -= lr * vb",
        ),
    ),
    unknown(
        "weight_decay",
        {"step": "should stay where it is, but it moved"},
        step="""\
        def step(X, y, model, lr=0.1):
            opt = torch.optim.SGD(model.params, lr=lr, weight_decay=0.5)
            opt.zero_grad()
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
            loss.backward()
            opt.step()
            return loss.item()
        """,
    ),
    unknown(
        "targets_reversed",
        {"step": "Is each prediction compared with its own target?"},
        step=own_step(*MOVES, loss="((model.forward(X)[:, 0] - y.flip(0)) ** 2).mean()"),
    ),
    unknown(
        "huber_loss",
        {"step": "It moved"},
        step=own_step(
            *MOVES, loss="torch.nn.functional.huber_loss(model.forward(X)[:, 0], y, delta=0.7)"
        ),
    ),
    unknown(
        "squared_gradient",
        {"step": "it does not follow the gradient"},
        step=own_step("model.w.data -= lr * dw**2", "model.b.data -= lr * db**2"),
    ),
    unknown(
        "a_third_of_the_way",
        {"step": "It moved a third as far as it should be."},
        step=own_step("model.w.data -= lr * dw / 3", "model.b.data -= lr * db / 3"),
    ),
    unknown(
        "four_mistakes_at_once",
        {"step": "The returned loss should be a number"},
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X) - y) ** 2).sum()
            loss.backward()
            model.w.data += lr * model.w.grad
            return str(loss.item())
        """,
    ),
    unknown(
        "cubed_errors",
        {"step": "b is not b - lr * dL/db"},
        step=own_step(*MOVES, loss="((model.forward(X)[:, 0] - y).abs() ** 3).mean()"),
    ),
    unknown(
        "clipped_gradients",
        {"step": "w has not moved x times as far as b"},
        step=own_step(
            "model.w.data -= lr * dw.clamp(-0.1, 0.1)", "model.b.data -= lr * db.clamp(-0.1, 0.1)"
        ),
    ),
    unknown(
        "loss_rounded",
        {"step": "the returned loss is not the squared error"},
        step=own_step(*MOVES, loss=SQUARED).replace("loss.item()", "round(loss.item(), 1)"),
    ),
    unknown(
        "a_wrong_constant_in_the_weights",
        {"forward": "not the matrix product of x and w"},
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return x @ (self.w + 0.01) + self.b
        """,
    ),
    unknown(
        "standardised_inputs",
        {"forward": "not the matrix product of x and w"},
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                x = (x - x.mean(0)) / (x.std(0, unbiased=False) + 1e-6)
                return x @ self.w + self.b
        """,
    ),
    unknown(
        "both_turned_over",
        {"forward": "One operation combines two tensors whose shapes do not match."},
        forward="""\
        class Linear:
            def __init__(self, n_in, n_out):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x):
                return self.w.T @ x.T + self.b
        """,
    ),
    unknown(
        "a_method_that_is_not_there",
        {"step": "'Linear' object has no attribute 'zero_gradients'"},
        step=own_step(*MOVES, "model.zero_gradients()"),
    ),
    unknown(
        "another_method_of_none",
        {"step": "'NoneType' object has no attribute 'detach'"},
        step=own_step(*MOVES, "model.w.grad.detach()"),
    ),
    unknown(
        "the_gradient_function_returned",
        {"step": "The returned loss should be a number"},
        step=own_step(*MOVES).replace("loss.item()", "loss.grad_fn"),
    ),
    unknown(
        "numpy_of_a_tensor_with_a_gradient",
        {"gradients": "Can't call numpy() on Tensor that requires grad"},
        gradients="""\
        def polynomial_gradients(a, b):
            u, v = (torch.tensor(float(t), requires_grad=True) for t in (a, b))
            y = u.numpy() ** 3 - v.numpy() ** 2 + 3
            y.backward()
            return u.grad, v.grad
        """,
    ),
    unknown(
        "tuples_of_one",
        {"gradients": "dy/da should be a number, but it is a tuple of 1"},
        gradients="""\
        def polynomial_gradients(a, b):
            u, v = (torch.tensor(float(t), requires_grad=True) for t in (a, b))
            y = u**3 - v**2 + 3
            return torch.autograd.grad(y, u, retain_graph=True), torch.autograd.grad(y, v)
        """,
    ),
    unknown(
        "gradients_of_the_root",
        {"gradients": "dy/da should be 75"},
        gradients="""\
        def polynomial_gradients(a, b):
            u, v = (torch.tensor(float(t), requires_grad=True) for t in (a, b))
            return torch.autograd.grad((u**3 - v**2 + 3).abs().sqrt(), (u, v))
        """,
    ),
    unknown(
        "higher_powers",
        {"gradients": "dy/da should be 75"},
        gradients="""\
        def polynomial_gradients(a, b):
            u, v = (torch.tensor(float(t), requires_grad=True) for t in (a, b))
            return torch.autograd.grad(u**5 - v**4, (u, v))
        """,
    ),
)

KEPT = (
    known(
        "a_velocity_for_each_model",
        "momentum",
        before=("velocities = {}",),
        step=own_step(
            "vw, vb = velocities.get(id(model.w), (0, 0))",
            "vw, vb = 0.9 * vw + dw, 0.9 * vb + db",
            "velocities[id(model.w)] = vw, vb",
            "model.w.data -= lr * vw",
            "model.b.data -= lr * vb",
        ),
    ),
    known(
        "adam_of_the_first_model",
        "optimizer_of_another_model",
        step="""\
        def step(X, y, model, lr=0.1):
            if not hasattr(step, "adam"):
                step.adam = torch.optim.Adam(model.params, lr=lr)
            loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
            step.adam.zero_grad()
            loss.backward()
            step.adam.step()
            return loss.item()
        """,
    ),
    known(
        "less_the_loss",
        "loss_for_gradient",
        step=own_step("for p in model.params: p.data.sub_(lr * loss.item())"),
    ),
)

KNOWN = (*GRADIENTS, *FORWARD, *STEP, *TWO_AT_ONCE, *IN_SEVERAL_TASKS, *KEPT)


def name_of(case: Case) -> str:
    return case.answer.name


@pytest.fixture(scope="module")
def records(
    tmp_path_factory: pytest.TempPathFactory,
    course: Course,
    assignment: Assignment,
    warm: WarmProcess,
) -> dict[str, Record]:
    """Send notebooks through the pipeline."""
    folder = tmp_path_factory.mktemp("findings")
    context = context_of(course, assignment, "findings")
    notebooks = {
        name_of(case): write_notebook(folder / f"{name_of(case)}.ipynb", case.answer.cells())
        for case in (*KNOWN, *IN_NO_LIBRARY)
    }
    return GradedOnDemand(notebooks, lambda _: context, warm)


def task(record: Record, name: str) -> TaskScore:
    return next(task for task in record.tasks if task.name == name)


def named(record: Record) -> dict[str, set[str]]:
    """Return the misconceptions that were named in each task."""
    return {t.name: set(t.misconceptions) for t in record.tasks if t.misconceptions}


def test_there_are_many_notebooks_and_their_names_are_unique() -> None:
    names = [name_of(case) for case in (*KNOWN, *IN_NO_LIBRARY)]
    assert len(names) == len(set(names))
    assert len({name for case in KNOWN for name in case.finds.split()}) > 50


@pytest.mark.parametrize("case", every_fifth(KNOWN), ids=name_of)
def test_a_known_mistake_is_named_whatever_the_code_looks_like(
    case: Case, records: dict[str, Record]
) -> None:
    assert named(records[name_of(case)]) == case.expected


@pytest.mark.parametrize("case", every_fifth(KNOWN), ids=name_of)
def test_other_tasks_are_right_or_follow_from_what_was_found(
    case: Case, records: dict[str, Record]
) -> None:
    for other in records[name_of(case)].tasks:
        if other.name not in case.expected and other.outcome != "passed":
            assert other.name == "convergence"
            assert len(other.findings) == 1
            assert other.findings[0].startswith("This follows from what was found in ")


@pytest.mark.parametrize("case", every_fifth(IN_SEVERAL_TASKS), ids=name_of)
def test_convergence_follows_from_the_update_not_from_forward(
    case: Case, records: dict[str, Record]
) -> None:
    (finding,) = task(records[name_of(case)], "convergence").findings
    assert finding.startswith("This follows from what was found in step.\n")


@pytest.mark.parametrize("case", every_fifth(IN_NO_LIBRARY), ids=name_of)
def test_a_mistake_in_no_library_is_not_taken_for_another(
    case: Case, records: dict[str, Record]
) -> None:
    record = records[name_of(case)]
    assert named(record) == {}
    for name, words in case.says.items():
        assert not task(record, name).explained
        assert words in "\n".join(task(record, name).findings)


@pytest.mark.parametrize("case", every_fifth([*KNOWN, *IN_NO_LIBRARY]), ids=name_of)
def test_every_lost_point_comes_with_a_reason(case: Case, records: dict[str, Record]) -> None:
    record = records[name_of(case)]
    assert record.status == "graded"
    for one in record.tasks:
        assert (one.score < one.max_score) == bool(one.findings)
        assert all(finding.strip() for finding in one.findings)
