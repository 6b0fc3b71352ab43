"""Mistakes that no library knows, each written in four styles, for what groups failures."""

from __future__ import annotations

from textwrap import dedent, indent

from autograder.suites.linear_regression.answers import FORWARD, STEP, Answer, forward, step

PREDICTION = "model.forward(X).squeeze(1)"


def gradients(body: str) -> str:
    """Return the source of a `polynomial_gradients` with this body."""
    return f"def polynomial_gradients(a, b):\n{indent(dedent(body), '    ')}\n"


LINEAR_IN_B = (
    gradients("""\
    a = torch.tensor(float(a), requires_grad=True)
    b = torch.tensor(float(b), requires_grad=True)
    (a**3 - 5 * b + 3).backward()
    return a.grad, b.grad"""),
    gradients("""\
    point = torch.tensor([float(a), float(b)], requires_grad=True)
    y = point[0].pow(3) - point[1].mul(5) + 3
    (found,) = torch.autograd.grad(y, point)
    return found[0], found[1]"""),
    gradients("""\
    u, v = (torch.tensor(float(one), requires_grad=True) for one in (a, b))
    value = u * u * u + 3
    value = value - (v + v + v + v + v)
    value.backward()
    return u.grad.item(), v.grad.item()"""),
    gradients("""\
    f = lambda s, t: s**3 - t * 5 + 3
    s = torch.tensor([float(a)], requires_grad=True)
    t = torch.tensor([float(b)], requires_grad=True)
    f(s, t).sum().backward()
    return [s.grad[0], t.grad[0]]"""),
)

NORMALIZED = (
    gradients("""\
    a = torch.tensor(float(a), requires_grad=True)
    b = torch.tensor(float(b), requires_grad=True)
    (a**3 - b**2 + 3).backward()
    length = (a.grad**2 + b.grad**2).sqrt()
    return a.grad / length, b.grad / length"""),
    gradients("""\
    point = torch.tensor([float(a), float(b)], requires_grad=True)
    (point[0] ** 3 - point[1] ** 2 + 3).backward()
    g = torch.nn.functional.normalize(point.grad, dim=0)
    return g[0].item(), g[1].item()"""),
    gradients("""\
    a = torch.tensor(float(a), requires_grad=True)
    b = torch.tensor(float(b), requires_grad=True)
    da, db = torch.autograd.grad(a.pow(3) - b.pow(2) + 3, (a, b))
    size = float(torch.hypot(da, db))
    return float(da) / size, float(db) / size"""),
    gradients("""\
    p = torch.tensor([a, b], dtype=torch.float32, requires_grad=True)
    y = p[0] * p[0] * p[0] - p[1] * p[1] + 3
    y.backward()
    unit = p.grad / torch.linalg.norm(p.grad)
    return tuple(unit)"""),
)

SQUARED_BIAS = (
    forward("return x @ self.w + self.b**2"),
    forward("return torch.matmul(x, self.w) + torch.square(self.b)"),
    forward("bias = self.b * self.b\n        return bias + x.mm(self.w)"),
    FORWARD.replace("forward(self, x)", "forward(self, inputs)").replace(
        "return x @ self.w + self.b",
        "score = torch.addmm(self.b.pow(2), inputs, self.w)\n        return score",
    ),
)

FOURTH_POWER = (
    step(f"(({PREDICTION} - y) ** 4).mean()"),
    step(f"(y - {PREDICTION}).pow(2).pow(2).mean()"),
    step(f"torch.nn.functional.mse_loss(({PREDICTION} - y) ** 2, torch.zeros_like(y))"),
    """\
    def step(features, targets, net, lr=0.1):
        for p in net.params:
            p.grad = None
        error = targets - net.forward(features).flatten()
        cost = torch.sum(error * error * error * error) / len(targets)
        cost.backward()
        with torch.no_grad():
            for p in net.params:
                p.copy_(p - lr * p.grad)
        return float(cost)
    """,
)

DECAYING = (
    step(update="p -= lr * (p.grad + p)"),
    step(update="p.sub_(lr * p).sub_(lr * p.grad)"),
    step(update="p.copy_((1 - lr) * p - lr * p.grad)"),
    STEP.replace("        for p in model.params:\n", "        for p in model.params:\n            old = p.clone()\n").replace(
        "p -= lr * p.grad", "p -= lr * p.grad\n            p -= lr * old"
    ),
)  # fmt: skip

UNKNOWN = {
    name: tuple(
        Answer(f"{name}_{number}", loses=frozenset({task}), **{task: source})  # type: ignore[arg-type]
        for number, source in enumerate(sources, 1)
    )
    for name, task, sources in (
        ("linear_in_b", "gradients", LINEAR_IN_B),
        ("normalized", "gradients", NORMALIZED),
        ("squared_bias", "forward", SQUARED_BIAS),
        ("fourth_power", "step", FOURTH_POWER),
        ("decaying", "step", DECAYING),
    )
}
"""By the name of the mistake; the name of each answer has the number of its style."""
