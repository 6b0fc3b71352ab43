"""Right and wrong answers to `logistic_regression`."""

from tests.corpus.level2 import answers

CELLS = ("sigmoid", "loss", "gradient", "fit")

RIGHT = answers(
    """
    # textbook_sigmoid:
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    # clipped_argument:
    def sigmoid(z):
        z = np.clip(z, -500, 500)
        return 1.0 / (1.0 + np.exp(-z))

    # tanh:
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    # by_mask:
    def sigmoid(z):
        z = np.asarray(z, dtype=float)
        result = np.empty_like(z)
        positive = z >= 0
        result[positive] = 1 / (1 + np.exp(-z[positive]))
        e = np.exp(z[~positive])
        result[~positive] = e / (1 + e)
        return result

    # scipy_expit:
    from scipy.special import expit

    def sigmoid(z):
        return expit(z)

    # vectorized_math:
    import math

    @np.vectorize
    def sigmoid(z):
        if z < 0:
            return math.exp(z) / (1 + math.exp(z))
        return 1 / (1 + math.exp(-z))

    # clipped_probabilities:
    def loss(w, X, y):
        eps = 1e-12
        p = np.clip(sigmoid(np.dot(X, w)), eps, 1 - eps)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    # epsilon_in_the_logarithms:
    def loss(w, X, y):
        p = sigmoid(X @ w)
        return -(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9)).mean()

    # sum_over_n:
    def loss(w, X, y):
        n = X.shape[0]
        y_hat = sigmoid(X.dot(w))
        y_hat = np.minimum(np.maximum(y_hat, 1e-10), 1 - 1e-10)
        cost = (-1 / n) * np.sum(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
        return np.squeeze(cost)

    # loop_over_rows:
    def loss(w, X, y):
        total = 0
        for xi, yi in zip(X, y):
            z = float(xi @ w)
            margin = z if yi == 1 else -z
            total += max(0, -margin) + np.log1p(np.exp(-abs(margin)))
        return float(total / len(y))

    # own_helper_for_the_loss:
    def softplus(z):
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    def loss(w, X, y):
        z = X @ w
        return (y * softplus(-z) + (1 - y) * softplus(z)).sum() / y.size

    # sklearn_log_loss:
    from sklearn.metrics import log_loss

    def loss(w, X, y):
        return log_loss(y, sigmoid(X @ w), labels=[0, 1])

    # mean_of_rows:
    def gradient(w, X, y):
        error = sigmoid(X @ w) - y
        return (error[:, None] * X).mean(axis=0)

    # columns:
    def gradient(w, X, y):
        y = y.reshape(-1, 1)
        p = sigmoid(X @ w.reshape(-1, 1))
        return (X.T @ (p - y) / X.shape[0]).ravel()

    # list_of_partial_derivatives:
    def gradient(w, X, y):
        n, d = X.shape
        grad = [0.0] * d
        for i in range(n):
            p = sigmoid(np.dot(X[i], w))
            for j in range(d):
                grad[j] += (p - y[i]) * X[i, j] / n
        return grad
    ---
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for i in range(steps):
            w = w - lr * np.array(gradient(w, X, y))
        return w

    # einsum:
    def gradient(w, X, y):
        return np.einsum("nd,n->d", X, sigmoid(X @ w) - y) / len(X)

    # numerical:
    def gradient(w, X, y):
        h = 1e-5
        grad = np.zeros_like(w, dtype=float)
        for j in range(w.size):
            e = np.zeros_like(w, dtype=float)
            e[j] = h
            grad[j] = (loss(w + e, X, y) - loss(w - e, X, y)) / (2 * h)
        return grad

    # in_place:
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for step in range(steps):
            w -= lr * gradient(w, X, y)
        return w

    # history_and_report:
    def fit(X, y, lr=0.1, steps=100):
        n, d = X.shape
        w = np.zeros(d)
        history = []
        for step in range(steps):
            w = w - lr * gradient(w, X, y)
            history.append(loss(w, X, y))
            if step % 50 == 0:
                print(f"step {step}: loss {history[-1]:.4f}")
        return w

    # gradient_written_out:
    def fit(X, y, lr=0.1, steps=100):
        weights = np.zeros((X.shape[1], 1))
        targets = y[:, np.newaxis]
        for _ in range(steps):
            predictions = sigmoid(X @ weights)
            weights -= lr * X.T @ (predictions - targets) / len(X)
        return weights.flatten()

    # while_loop:
    def fit(X, y, lr=0.1, steps=100):
        w, i = np.zeros_like(X[0]), 0
        while i < steps:
            w, i = w - lr * gradient(w, X, y), i + 1
        return w
    """,
    CELLS,
)

WRONG = answers(
    """
    # sigmoid_without_minus: sigmoid
    def sigmoid(z):
        return 1 / (1 + np.exp(z))

    # sigmoid_overflows: sigmoid
    def sigmoid(z):
        return np.exp(z) / (1 + np.exp(z))

    # sigmoid_of_numbers_only: sigmoid
    import math

    def sigmoid(z):
        return 1 / (1 + math.exp(-z))

    # tanh_for_sigmoid: sigmoid
    def sigmoid(z):
        return np.tanh(z)

    # sigmoid_prints: sigmoid
    def sigmoid(z):
        print(1 / (1 + np.exp(-z)))

    # sigmoid_missing: sigmoid
    sigmoid = None

    # sigmoid_not_filled_in: sigmoid
    def sigmoid(z):
        raise NotImplementedError()

    # sigmoid_of_integers_truncated: sigmoid
    def sigmoid(z):
        result = np.zeros_like(z)
        positive = z >= 0
        result[positive] = 1 / (1 + np.exp(-z[positive]))
        e = np.exp(z[~positive])
        result[~positive] = e / (1 + e)
        return result

    # sigmoid_in_place: sigmoid
    def sigmoid(z):
        z *= -1.0
        return 1 / (1 + np.exp(z))

    # loss_of_ones_only: loss
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-12, 1 - 1e-12)
        return -np.mean(y * np.log(p))

    # loss_of_each_row: loss
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-12, 1 - 1e-12)
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))

    # infinite_loss: loss
    def loss(w, X, y):
        p = sigmoid(X @ w)
        return -np.mean(np.log(np.where(y == 1, p, 1 - p)))

    # squared_error: loss
    def loss(w, X, y):
        return np.mean((sigmoid(X @ w) - y) ** 2)

    # two_as_base: loss
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-12, 1 - 1e-12)
        return -np.mean(y * np.log2(p) + (1 - y) * np.log2(1 - p))

    # clipped_too_far: loss
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-3, 1 - 1e-3)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    # nan_to_num: loss
    def loss(w, X, y):
        p = sigmoid(X @ w)
        return -np.mean(np.nan_to_num(y * np.log(p)) + np.nan_to_num((1 - y) * np.log(1 - p)))

    # gradient_of_a_sum: gradient
    def gradient(w, X, y):
        return X.T @ (sigmoid(X @ w) - y)

    # gradient_with_other_sign: gradient
    def gradient(w, X, y):
        return X.T @ (y - sigmoid(X @ w)) / len(y)

    # gradient_of_the_squared_error: gradient
    def gradient(w, X, y):
        p = sigmoid(X @ w)
        return 2 * X.T @ ((p - y) * p * (1 - p)) / len(y)

    # gradient_without_sigmoid: gradient
    def gradient(w, X, y):
        return X.T @ (X @ w - y) / len(y)

    # gradient_over_columns: gradient
    def gradient(w, X, y):
        return X.T @ (sigmoid(X @ w) - y) / X.shape[1]

    # gradient_broadcast: gradient
    def gradient(w, X, y):
        return X.T @ (sigmoid(X @ w)[:, None] - y) / len(y)

    # gradient_in_a_column: gradient
    def gradient(w, X, y):
        return (X.T @ (sigmoid(X @ w) - y) / len(y)).reshape(-1, 1)

    # wrong_shapes: gradient
    def gradient(w, X, y):
        return X @ (sigmoid(X @ w) - y) / len(y)

    # misspelt_name: gradient
    def gradient(w, X, y):
        return X.T @ (sigmoid(X @ weights) - y) / len(y)

    # gradient_with_its_own_sigmoid: gradient
    def gradient(w, X, y):
        e = np.exp(X @ w)
        return X.T @ (e / (1 + e) - y) / len(y)

    # gradient_changes_w: gradient
    def gradient(w, X, y):
        w -= 0.0001
        return X.T @ (sigmoid(X @ (w + 0.0001)) - y) / len(y)

    # fit_with_its_own_sigmoid: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            e = np.exp(X @ w)
            w = w - lr * X.T @ (e / (1 + e) - y) / len(y)
        return w

    # fit_centres_in_place: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
        X -= X.mean(axis=0)
        return w

    # early_stopping: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            g = gradient(w, X, y)
            if np.linalg.norm(g) < 1e-3:
                break
            w = w - lr * g
        return w

    # fit_goes_up: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w + lr * gradient(w, X, y)
        return w

    # fit_from_random: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.random.randn(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
        return w

    # one_step_only: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
            return w

    # fixed_learning_rate: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - 0.1 * gradient(w, X, y)
        return w

    # other_defaults: fit
    def fit(X, y, lr=0.01, steps=1000):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
        return w

    # one_step_too_many: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps + 1):
            w = w - lr * gradient(w, X, y)
        return w

    # infinite_logarithms_are_small: loss
    def loss(w, X, y):
        p = sigmoid(X @ w)
        with np.errstate(divide="ignore"):
            logs = [np.nan_to_num(np.log(q), neginf=-10) for q in (p, 1 - p)]
        return -np.mean(y * logs[0] + (1 - y) * logs[1])

    # infinite_loss_is_a_hundred: loss
    def loss(w, X, y):
        p = sigmoid(X @ w)
        with np.errstate(divide="ignore"):
            value = -np.log(np.where(y == 1, p, 1 - p)).mean()
        return value if np.isfinite(value) else 100.0

    # learning_rate_at_most_one: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - min(lr, 1.0) * gradient(w, X, y)
        return w

    # best_weights: fit
    def fit(X, y, lr=0.1, steps=100):
        w = best = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
            best = w if loss(w, X, y) < loss(best, X, y) else best
        return best

    # fit_returns_nothing: fit
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w -= lr * gradient(w, X, y)

    # two_mistakes: sigmoid fit
    def sigmoid(z):
        return 1 / (1 - np.exp(-z))
    ---
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = gradient(w, X, y)
        return w
    """,
    CELLS,
)
