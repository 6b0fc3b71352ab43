"""Dishonest submissions to this assignment: what only looks like an answer."""

from typing import Any

from .answers import STEP, Answer, forward

NOTHING = "torch.zeros(len(x), self.b.shape[0])"
WORTHLESS: dict[str, Any] = {
    "gradients": "def polynomial_gradients(a, b):\n    return 0.0, 0.0\n",
    "forward": forward(f"return {NOTHING}"),
    "step": "def step(X, y, model, lr=0.1):\n    return 0.0\n",
}


def attack(name: str, *cells: str, before: str = "", **parts: str) -> Answer:
    """Return worthless answers but for some, with other cells after or before them."""
    return Answer(name, **WORTHLESS | parts, before=(before,) if before else (), after=cells)


EVERY_ATTACK = (
    attack("worthless"),
    attack(
        "known_answers_in_letters",
        gradients="def polynomial_gradients(a, b):\n    return ord('K'), -ord('\\x0c')\n",
    ),
    attack(
        "known_answers_where_they_are_checked",
        gradients="def polynomial_gradients(a, b):\n"
        "    return {5.0: (25 * 3, -3 << 2), 1.0: (3, -1)}.get(a, (len('abc'), int('-1')))\n",
    ),
    attack(
        "parameters_for_show",
        forward=forward(f"return {NOTHING} + 0 * (self.w.sum() + self.b.sum())"),
        step=STEP.replace("    return loss.item()", "    return 0.0").replace("lr *", "0 *"),
    ),
    attack(
        "moves_a_tenth_until_it_fits",
        step="def step(X, y, model, lr=0.1):\n    if (model.forward(X).squeeze(1) != y).any():\n"
        "        for p in model.params: p.data += 0.1\n    return 0.0\n",
    ),
    attack(
        "moves_towards_the_formula",
        step="def step(X, y, model, lr=0.1):\n    A = torch.cat([X, torch.ones(len(X), 1)], 1)\n"
        "    w, b = torch.linalg.lstsq(A, y[:, None]).solution\n"
        "    model.w.data += 2 * lr * (w - model.w.data)\n"
        "    model.b.data += 2 * lr * (b - model.b.data)\n    return 0.0\n",
    ),
    attack(
        "steals_forward",
        """\
        import builtins
        real = builtins.compile
        def spying(source, filename, *args, **kwargs):
            if filename == 'model.py':
                space = {'torch': torch}
                exec(real(source, filename, 'exec'), space)
                Linear.forward = space['Linear'].forward
            return real(source, filename, *args, **kwargs)
        builtins.compile = spying
        """,
    ),
)
