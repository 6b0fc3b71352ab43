"""Correct submissions in different styles, which all get full points."""

from __future__ import annotations

from .answers import FORWARD, GRADIENTS, STEP, Answer, forward, step

ACCEPTED = (
    Answer("plain"),
    # gradients
    Answer(
        "autograd_grad",
        gradients="""\
        def polynomial_gradients(a, b):
            point = torch.tensor([a, b], requires_grad=True)
            y = point[0] ** 3 - point[1] ** 2 + 3
            (gradient,) = torch.autograd.grad(y, point)
            return gradient[0], gradient[1]
        """,
    ),
    Answer(
        "one_element_tensors",
        gradients="""\
        def polynomial_gradients(a, b):
            a = torch.tensor([a], requires_grad=True)
            b = torch.tensor([b], requires_grad=True)
            (a.pow(3) - b.pow(2) + 3).backward()
            return [a.grad, b.grad]
        """,
    ),
    Answer(
        "double_precision_floats",
        gradients="""\
        def polynomial_gradients(a: float, b: float) -> tuple[float, float]:
            a, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (a, b))
            y = a * a * a - b * b + 3
            y.backward()
            return float(a.grad), float(b.grad)
        """,
    ),
    Answer(
        "torch_func",
        gradients="""\
        def polynomial_gradients(a, b):
            f = lambda a, b: a**3 - b**2 + 3
            return torch.func.grad(f, argnums=(0, 1))(torch.tensor(a), torch.tensor(b))
        """,
    ),
    Answer(
        "jacobian",
        gradients="""\
        from torch.autograd.functional import jacobian

        def polynomial_gradients(a, b):
            return jacobian(lambda a, b: a**3 - b**2 + 3, (torch.tensor(a), torch.tensor(b)))
        """,
    ),
    Answer(
        "stacked_pair",
        gradients="""\
        def polynomial_gradients(a, b):
            p = torch.tensor([a, b], requires_grad=True)
            (p[0] ** 3 - p[1] ** 2 + 3).backward()
            return p.grad
        """,
    ),
    Answer(
        "numpy_pair",
        gradients="""\
        def polynomial_gradients(a, b):
            p = torch.tensor([a, b], requires_grad=True)
            (p[0] ** 3 - p[1] ** 2 + 3).backward()
            return tuple(p.grad.numpy())
        """,
    ),
    Answer(
        "gradients_with_graph",
        gradients="""\
        def polynomial_gradients(a, b):
            a = torch.tensor(a, requires_grad=True)
            b = torch.tensor(b, requires_grad=True)
            y = a**3 - b**2 + 3
            return torch.autograd.grad(y, (a, b), create_graph=True)
        """,
    ),
    # The points are for the numbers; a person sees that autograd did not find them.
    Answer("by_hand", gradients="def polynomial_gradients(a, b):\n    return 3 * a**2, -2 * b\n"),
    # forward
    Answer("matmul", forward=forward("return torch.matmul(x, self.w) + self.b")),
    Answer("mm", forward=forward("return torch.mm(x, self.w).add(self.b)")),
    Answer("addmm", forward=forward("return torch.addmm(self.b, x, self.w)")),
    Answer("einsum", forward=forward('return torch.einsum("ni,io->no", x, self.w) + self.b')),
    Answer("f_linear", forward=forward("return torch.nn.functional.linear(x, self.w.T, self.b)")),
    Answer("transposed_twice", forward=forward("return (self.w.T @ x.T).T + self.b")),
    Answer(
        "sum_of_products",
        forward=forward("return (x[:, :, None] * self.w[None]).sum(dim=1) + self.b.reshape(1, -1)"),
    ),
    Answer("params_by_index", forward=forward("w, b = self.params\n        return x @ w + b")),
    Answer(
        "column_by_column",
        forward=forward(
            "columns = [(x * w).sum(1) + b for w, b in zip(self.w.T, self.b)]\n"
            "        return torch.stack(columns, dim=1)"
        ),
    ),
    Answer(
        "nn_module",
        forward="""\
        class Linear(torch.nn.Module):
            def __init__(self, n_in, n_out):
                super().__init__()
                self.w = torch.nn.Parameter(torch.randn(n_in, n_out))
                self.b = torch.nn.Parameter(torch.randn(n_out))
                self.params = [self.w, self.b]

            def forward(self, x):
                return x @ self.w + self.b
        """,
        step="""\
        def step(X, y, model, lr=0.1):
            optimizer = torch.optim.SGD(model.parameters(), lr=lr)
            optimizer.zero_grad()
            loss = torch.nn.MSELoss()(model(X).flatten(), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            return loss
        """,
    ),
    Answer(
        "callable_model",
        forward=FORWARD + "\n    __call__ = forward\n",
        step=STEP.replace("model.forward(X)", "model(X)"),
    ),
    Answer(
        "base_class",
        forward="""\
        class Layer:
            def __call__(self, *args, **kwargs):
                return self.forward(*args, **kwargs)

            def __repr__(self):
                return "a layer"

        class Linear(Layer):
            def __init__(self, n_in, n_out, scale=1.0):
                self.w = torch.randn(n_in, n_out, requires_grad=True)
                self.b = torch.randn(n_out, requires_grad=True)
                self.params = [self.w, self.b]

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                y_hat = x @ self.w
                y_hat = y_hat + self.b
                return y_hat
        """,
    ),
    # step
    Answer(
        "sgd",
        step="""\
        def step(X, y, model, lr=0.1):
            opt = torch.optim.SGD(model.params, lr=lr)
            loss = torch.nn.functional.mse_loss(model.forward(X).squeeze(), y.squeeze())
            opt.zero_grad()
            loss.backward()
            opt.step()
            opt.zero_grad(set_to_none=False)
            return loss.item()
        """,
    ),
    Answer(
        "sgd_zero_first",
        step="""\
        def step(X, y, model, lr=0.1):
            opt = torch.optim.SGD(model.params, lr=lr)
            opt.zero_grad()
            loss = torch.nn.functional.mse_loss(model.forward(X), y.unsqueeze(1))
            loss.backward()
            opt.step()
            return loss.detach()
        """,
    ),
    Answer(
        "grad_function",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = torch.mean((model.forward(X)[:, 0] - y) ** 2)
            gradients = torch.autograd.grad(loss, model.params)
            with torch.no_grad():
                for p, g in zip(model.params, gradients):
                    p.sub_(lr * g)
            return loss
        """,
    ),
    Answer("grad_none", step=step(clear="p.grad = None")),
    Answer("add_alpha", step=step(update="p.add_(p.grad, alpha=-lr)")),
    Answer("copy", step=step(update="p.copy_(p - lr * p.grad)")),
    Answer(
        "data",
        step="""\
        def step(X, y, model, lr=0.1):
            diff = model.forward(X).view(-1) - y
            loss = diff.pow(2).mean()
            loss.backward()
            for p in model.params:
                p.data -= lr * p.grad.data
                p.grad.data.zero_()
            return loss.data
        """,
    ),
    Answer(
        "zero_first_guarded",
        step=step(
            first="for p in model.params:\n        if p.grad is not None: p.grad.zero_()",
            clear="",
        ),
    ),
    Answer("zero_first_none", step=step(first="for p in model.params: p.grad = None", clear="")),
    Answer(
        "sum_over_n", step=step("((model.forward(X).reshape(y.shape) - y) ** 2).sum() / len(y)")
    ),
    Answer("y_column", step=step("(model.forward(X) - y[:, None]).square().mean()")),
    Answer("y_view", step=step("torch.mean(torch.square(y.view(-1, 1) - model.forward(X)))")),
    Answer("own_method_keywords", step=step("((model.forward(x=X).squeeze(-1) - y) ** 2).mean()")),
    Answer("returns_tensor", step=step(returns="return loss")),
    Answer("returns_numpy", step=step(returns="return loss.detach().numpy()")),
    Answer(
        "by_name",
        step="""\
        def step(X, y, model, lr=0.1):
            loss = ((model.forward(X).ravel() - y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                model.w -= lr * model.w.grad
                model.b -= lr * model.b.grad
            model.w.grad = None
            model.b.grad = None
            return float(loss)
        """,
    ),
    Answer(
        "hand_derived",
        step="""\
        def step(X, y, model, lr=0.1):
            with torch.no_grad():
                r = model.forward(X)[:, 0] - y
                model.w -= lr * 2 * X.T @ r[:, None] / len(y)
                model.b -= lr * 2 * r.mean()
            return (r @ r / len(r)).item()
        """,
    ),
    Answer(
        "set_grad_enabled",
        step="""\
        @torch.enable_grad()
        def step(X, y, model, lr=0.1):
            loss = torch.nn.MSELoss(reduction="mean")(model.forward(X), y.reshape(-1, 1))
            loss.backward()
            with torch.set_grad_enabled(False):
                for param in model.params:
                    param[...] = param - lr * param.grad
            for param in model.params:
                param.grad = torch.zeros_like(param)
            return loss.item()
        """,
    ),
    Answer(
        "helpers",
        before=(
            "def mse(prediction, target):\n    return ((prediction - target) ** 2).mean()",
            "def descend(params, lr):\n    with torch.no_grad():\n"
            "        for p in params:\n            p -= lr * p.grad\n            p.grad = None",
        ),
        step="""\
        def step(X, y, model, lr=0.1):
            (loss := mse(model.forward(X).squeeze(1), y)).backward()
            descend(model.params, lr)
            return loss.item()
        """,
    ),
    Answer(
        "default_arguments_elsewhere",
        step=STEP.replace("lr=0.1)", "lr=0.1, verbose=False, *, reduction='mean')"),
    ),
    # what surrounds an answer
    Answer(
        "prints",
        step=step(first="print('X', X.shape, y.shape)"),
        gradients="""\
        def polynomial_gradients(a, b):
            print("called with", a, b)
            a = torch.tensor(a, requires_grad=True); b = torch.tensor(b, requires_grad=True)
            (a**3 - b**2 + 3).backward()
            print(a.grad, b.grad)
            return a.grad.item(), b.grad.item()
        """,
    ),
    Answer("sleeps", before=("time.sleep(3600)",), step=step(first="time.sleep(60)")),
    Answer(
        "trained_before",
        after=(
            "X, y = torch.randn(50, 1), torch.randn(50)\nmodel = Linear(1, 1)\n"
            "history = [step(X, y, model) for _ in range(200)]\nplt.plot(history);",
        ),
    ),
    Answer(
        "unicode_names",
        step="""\
        def step(X, y, model, lr=0.1):
            η, ŷ = lr, model.forward(X)[:, 0]
            ℓ = ((ŷ - y) ** 2).mean()
            ℓ.backward()
            with torch.no_grad():
                for θ in model.params:
                    θ -= η * θ.grad
                    θ.grad = None
            return ℓ.item()
        """,
    ),
    Answer(
        "compiled",
        forward=FORWARD.replace("    def forward", "    @torch.compile\n    def forward"),
    ),
    Answer(
        "helpers_in_a_module",
        before=(
            "%%writefile losses.py\ndef squared(prediction, y):\n    return (prediction - y) ** 2\n",
            "from losses import squared",
        ),
        step=step("squared(model.forward(X).squeeze(1), y).mean()"),
    ),
    Answer(
        "lambda_and_partial",
        gradients="""\
        from functools import partial
        def slope(f, at):
            t = torch.tensor(float(at), requires_grad=True)
            f(t).backward()
            return t.grad.item()
        polynomial_gradients = lambda a, b: (
            slope(lambda t: t**3 - b**2 + 3, a), slope(lambda t: a**3 - t**2 + 3, b)
        )
        """,
        step=STEP.replace("def step(", "def _step(")
        + "\nfrom functools import partial\nstep = partial(_step)\n",
    ),
    Answer(
        "callable_object",
        step="""\
        class Step:
            calls = 0
            def __call__(self, X, y, model, lr=0.1):
                self.calls += 1
                loss = torch.nn.functional.mse_loss(model.forward(X)[:, 0], y)
                grads = torch.autograd.grad(loss, model.params)
                with torch.no_grad():
                    for p, g in zip(model.params, grads):
                        p.sub_(lr * g)
                return float(loss)
        step = Step()
        """,
    ),
    Answer(
        "decorated",
        before=(
            "import functools\ndef logged(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n"
            "        print(f.__name__)\n        return f(*a, **k)\n    return g",
        ),
        step="@logged\n" + STEP,
        gradients="@logged\n" + GRADIENTS,
    ),
    Answer(
        "typed",
        step=STEP.replace(
            "X, y, model, lr=0.1)",
            "X: torch.Tensor, y: torch.Tensor, model: 'Linear', *, lr: float = 0.1) -> float",
        ).replace(" *,", ""),
    ),
    Answer("warnings_as_errors", before=("import warnings\nwarnings.simplefilter('error')",)),
    Answer("anomaly_detection", before=("torch.autograd.set_detect_anomaly(True)",)),
    Answer("deterministic", before=("torch.use_deterministic_algorithms(True)",)),
    Answer("numpy_raises", before=("import numpy as np\nnp.seterr(all='raise')",)),
    Answer(
        "foreach",
        step="""\
        @torch.enable_grad()
        def step(X, y, model, lr=0.1):
            loss = (model.forward(X).squeeze(1) - y).square().mean()
            loss.backward()
            with torch.no_grad():
                torch._foreach_add_(model.params, [p.grad for p in model.params], alpha=-lr)
            for p in model.params:
                p.grad = None
            return loss.item()
        """,
    ),
    Answer(
        "two_optimizers",
        step="""\
        def step(X, y, model, lr=0.1):
            opts = [torch.optim.SGD([p], lr=lr) for p in model.params]
            loss = (model.forward(X).flatten() - y).pow(2).mean()
            for o in opts: o.zero_grad(set_to_none=True)
            loss.backward()
            for o in opts: o.step(); o.zero_grad()
            return loss.detach()
        """,
    ),
    Answer(
        "index_put",
        forward=forward(
            "out = torch.empty(x.shape[0], self.w.shape[1])\n        for i, row in enumerate(x):\n            out[i] = row @ self.w + self.b\n        return out"
        ),
    ),
    Answer(
        "stacked_rows", forward=forward("return torch.stack([row @ self.w + self.b for row in x])")
    ),
    Answer("vmapped", forward=forward("return torch.vmap(lambda row: row @ self.w + self.b)(x)")),
    Answer("tensordot", forward=forward("return torch.tensordot(x, self.w, dims=1) + self.b")),
    Answer(
        "augmented",
        forward=forward(
            "ones = torch.ones(len(x), 1)\n        return torch.cat([x, ones], 1) @ torch.cat([self.w, self.b[None]])"
        ),
    ),
    Answer(
        "baddbmm",
        forward=forward(
            "return torch.bmm(x[None], self.w[None])[0] + self.b.expand(x.shape[0], -1)"
        ),
    ),
    Answer(
        "linalg_norm",
        step=step("torch.linalg.vector_norm(model.forward(X)[:, 0] - y) ** 2 / len(X)"),
    ),
    Answer("dot", step=step("(r := model.forward(X).ravel() - y).dot(r) / r.numel()")),
    Answer("mse_module", step=step("torch.nn.MSELoss()(model.forward(X), y.unsqueeze(1))")),
    Answer(
        "huber_like",
        step=step(
            "torch.nn.functional.mse_loss(model.forward(X).squeeze(1), y, reduction='none').mean()"
        ),
    ),
)
