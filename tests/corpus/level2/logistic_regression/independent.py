"""Answers to `logistic_regression` of somebody who knew the notebook, and neither the tests nor the library.

The line after the name of a wrong answer says what is wrong with it.
"""

from tests.corpus.level2 import answers

CELLS = ("sigmoid", "loss", "gradient", "fit")

RIGHT = answers(
    '''
    # tanh_sigmoid:
    def sigmoid(z):
        # the logistic function is a shifted tanh, which never overflows
        return 0.5 * (1 + np.tanh(np.asarray(z) / 2))

    # scipy_expit:
    def sigmoid(z):
        from scipy.special import expit
        return expit(z)

    # boolean_masks_sigmoid:
    def sigmoid(z):
        z = np.asarray(z, dtype=np.float64)
        out = np.zeros(z.shape)
        positive = z >= 0
        out[positive] = 1.0 / (1.0 + np.exp(-z[positive]))
        expz = np.exp(z[~positive])
        out[~positive] = expz / (1.0 + expz)
        return out

    # clipped_argument_sigmoid:
    def sigmoid(z):
        z = np.clip(z, -500, 500)
        return 1 / (1 + np.exp(-z))

    # logaddexp_everywhere:
    def sigmoid(z):
        return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))
    ---
    def loss(w, X, y):
        z = X @ w
        log_p = -np.logaddexp(0, -z)
        log_not_p = -np.logaddexp(0, z)
        return -(y * log_p + (1 - y) * log_not_p).mean()

    # vectorized_scalar_sigmoid:
    def sigmoid(z):
        import math

        def one(v):
            if v >= 0:
                return 1.0 / (1.0 + math.exp(-v))
            t = math.exp(v)
            return t / (1.0 + t)

        return np.vectorize(one, otypes=[float])(z)

    # symmetric_sigmoid:
    def sigmoid(z):
        """sigma(-z) = 1 - sigma(z), so only ever exponentiate something negative."""
        z = np.asarray(z, dtype=float)
        upper = 1.0 / (1.0 + np.exp(-np.abs(z)))
        return np.where(z < 0, 1.0 - upper, upper)

    # numerator_denominator_sigmoid:
    def sigmoid(z):
        top = np.exp(np.minimum(z, 0))
        bottom = 1 + np.exp(-np.abs(z))
        return top / bottom

    # signed_labels_loss:
    def loss(w, X, y):
        s = 2 * y - 1
        margins = s * X.dot(w)
        return np.logaddexp(0, -margins).mean()

    # max_plus_log1p_loss:
    def loss(w, X, y):
        logits = np.dot(X, w)
        per_row = np.maximum(logits, 0) - logits * y + np.log1p(np.exp(-np.abs(logits)))
        return float(np.sum(per_row) / X.shape[0])

    # row_loop_loss:
    def loss(w, X, y):
        import math
        total = 0.0
        for row, label in zip(X, y):
            z = float(row @ w)
            if label == 0:
                z = -z
            # -log sigmoid(z)
            if z > 0:
                total += math.log1p(math.exp(-z))
            else:
                total += -z + math.log1p(math.exp(z))
        return total / len(y)

    # clipped_probability_loss:
    def loss(w, X, y):
        eps = 1e-15
        p = np.clip(sigmoid(X @ w), eps, 1 - eps)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    # split_by_class_loss:
    def loss(w, X, y):
        z = X @ w
        ones = z[y == 1]
        zeros = z[y == 0]
        total = np.logaddexp(0, -ones).sum() + np.logaddexp(0, zeros).sum()
        return total / y.size

    # where_loss:
    def loss(w, X, y):
        z = X @ w
        flipped = np.where(y == 1, -z, z)
        return np.average(np.logaddexp(0.0, flipped))

    # probability_of_the_truth_loss:
    def loss(w, X, y):
        signs = np.where(y > 0.5, 1.0, -1.0)
        p_true = sigmoid(signs * (X @ w))
        p_true = np.maximum(p_true, 1e-300)
        return -np.log(p_true).mean()

    # dot_gradient:
    def gradient(w, X, y):
        n = X.shape[0]
        errors = sigmoid(np.dot(X, w)) - y
        return (1 / n) * np.dot(X.T, errors)

    # feature_loop_gradient:
    def gradient(w, X, y):
        residual = sigmoid(X @ w) - y
        grad = np.zeros(len(w))
        for j in range(len(w)):
            grad[j] = np.mean(residual * X[:, j])
        return grad

    # row_loop_gradient:
    def gradient(w, X, y):
        g = np.zeros_like(w, dtype=float)
        for x_i, y_i in zip(X, y):
            g += (sigmoid(x_i @ w) - y_i) * x_i
        g /= X.shape[0]
        return g

    # broadcast_mean_gradient:
    def gradient(w, X, y):
        diff = sigmoid(X @ w) - y
        return (diff[:, np.newaxis] * X).mean(axis=0)

    # einsum_gradient:
    def gradient(w, X, y):
        p = sigmoid(np.einsum("nd,d->n", X, w))
        return np.einsum("nd,n->d", X, p - y) / y.shape[0]

    # minus_residual_gradient:
    def gradient(w, X, y):
        y_hat = sigmoid(X @ w)
        return -(y - y_hat) @ X / len(X)

    # column_matrix_gradient:
    def gradient(w, X, y):
        W = w.reshape(-1, 1)
        Y = y.reshape(-1, 1)
        P = sigmoid(X @ W)
        dW = X.T @ (P - Y) / len(Y)
        return dW.ravel()

    # two_sums_gradient:
    def gradient(w, X, y):
        # derivative of mean(log(1 + e^z)) minus derivative of mean(y z)
        first = (X * sigmoid(X @ w)[:, None]).sum(axis=0)
        second = X[y == 1].sum(axis=0)
        return (first - second) / len(X)

    # in_place_fit:
    def fit(X, y, lr=0.1, steps=100):
        n, d = X.shape
        w = np.zeros((d,))
        for step in range(steps):
            w -= lr * gradient(w, X, y)
        return w

    # while_fit:
    def fit(X, y, lr=0.1, steps=100):
        w = 0.0 * X[0]
        done = 0
        while done < steps:
            direction = -gradient(w, X, y)
            w = w + lr * direction
            done += 1
        return w

    # inlined_gradient_fit:
    def fit(X, y, lr=0.1, steps=100):
        n = len(y)
        Xt = X.T / n
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w -= lr * (Xt @ (sigmoid(X @ w) - y))
        return w

    # history_fit:
    def fit(X, y, lr=0.1, steps=100):
        path = [np.zeros(X.shape[1])]
        losses = []
        for i in range(1, steps + 1):
            w = path[-1]
            losses.append(loss(w, X, y))
            path.append(w - lr * gradient(w, X, y))
        return path[-1]

    # reduce_fit:
    def fit(X, y, lr=0.1, steps=100):
        from functools import reduce
        start = np.zeros(X.shape[1])
        return reduce(lambda w, _: w - lr * gradient(w, X, y), range(steps), start)

    # optimizer_class_fit:
    def fit(X, y, lr=0.1, steps=100):
        class GradientDescent:
            def __init__(self, size):
                self.w = np.zeros(size)

            def step(self):
                self.w = self.w - lr * gradient(self.w, X, y)

        descent = GradientDescent(X.shape[1])
        for _ in range(steps):
            descent.step()
        return descent.w

    # stops_at_a_stationary_point:
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            g = gradient(w, X, y)
            if not g.any():
                break  # nothing would change any more
            w = w - lr * g
        return w

    # all_in_pure_python_lists:
    def loss(w, X, y):
        losses = []
        for i in range(len(X)):
            z = sum(X[i][j] * w[j] for j in range(len(w)))
            losses.append(max(z, 0) - y[i] * z + np.log1p(np.exp(-abs(z))))
        return sum(losses) / len(losses)
    ---
    def gradient(w, X, y):
        n, d = X.shape
        g = [0.0] * d
        for i in range(n):
            z = sum(X[i, j] * w[j] for j in range(d))
            error = float(sigmoid(z)) - y[i]
            for j in range(d):
                g[j] += error * X[i, j] / n
        return np.array(g)

    # typed_and_documented:
    def sigmoid(z: np.ndarray) -> np.ndarray:
        """Logistic function, elementwise."""
        exp_neg_abs = np.exp(-np.absolute(z))
        numerator = np.where(np.greater_equal(z, 0), 1.0, exp_neg_abs)
        return np.divide(numerator, np.add(1.0, exp_neg_abs))
    ---
    def gradient(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Gradient of the mean cross entropy with respect to the weights."""
        n_samples = y.size
        probabilities = sigmoid(np.matmul(X, w))
        return np.matmul(np.transpose(X), np.subtract(probabilities, y)) / n_samples
    ---
    def fit(X: np.ndarray, y: np.ndarray, lr: float = 0.1, steps: int = 100) -> np.ndarray:
        """Plain gradient descent from the zero vector."""
        weights = np.zeros(X.shape[1], dtype=np.float64)
        for _ in range(steps):
            np.subtract(weights, lr * gradient(weights, X, y), out=weights)
        return weights
    ''',
    CELLS,
)

WRONG = answers(
    """
    # sigmoid_exponent_sign: sigmoid: minus_forgotten
    # The exponent lost its minus sign, so this is sigmoid(-z), a decreasing function.
    def sigmoid(z):
        z = np.clip(z, -500, 500)
        return 1 / (1 + np.exp(z))

    # sigmoid_exp_over_exp: sigmoid: overflow
    # exp(z) overflows for large positive z and inf/inf gives nan, so the sigmoid is not stable.
    def sigmoid(z):
        e = np.exp(z)
        return e / (1 + e)

    # sigmoid_tanh_not_halved: sigmoid: argument_scaled
    # The tanh identity needs tanh(z/2); with tanh(z) the result is sigmoid(2z), twice too steep.
    def sigmoid(z):
        # sigmoid written with tanh so that nothing overflows
        return (1 + np.tanh(z)) / 2

    # sigmoid_is_tanh: sigmoid: other_activation
    # This is the hyperbolic tangent, with range (-1, 1), not the logistic sigmoid.
    def sigmoid(z):
        z = np.clip(z, -300, 300)
        a = np.exp(z)
        b = np.exp(-z)
        return (a - b) / (a + b)

    # sigmoid_log: sigmoid: logarithm_of_the_result
    # Returns the logarithm of the sigmoid; the final exp is missing.
    def sigmoid(z):
        return -np.logaddexp(0, -np.asarray(z, dtype=float))

    # sigmoid_thresholded: sigmoid: label_for_probability
    # Rounds the probability to a hard 0 or 1 class instead of returning the probability.
    def sigmoid(z):
        p = 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500)))
        return np.where(p >= 0.5, 1.0, 0.0)

    # sigmoid_abs_everywhere: sigmoid: same_for_both_signs
    # Uses |z| for both signs without a separate negative case, so negative z give sigmoid(|z|), above one half.
    def sigmoid(z):
        # use |z| so that exp can not overflow
        e = np.exp(-np.abs(z))
        return 1 / (1 + e)

    # sigmoid_softmax: sigmoid: normalised_over_all
    # Computes a softmax over all the entries instead of an elementwise sigmoid.
    def sigmoid(z):
        shifted = z - np.max(z)
        e = np.exp(shifted)
        return e / np.sum(e)

    # sigmoid_subtracts_max: sigmoid: largest_subtracted
    # Subtracts the maximum as in a softmax, but the sigmoid is not shift invariant, so all values are shifted.
    def sigmoid(z):
        z = z - np.max(z)          # stability trick from the lecture
        e = np.exp(z)
        return e / (1 + e)

    # sigmoid_derivative: sigmoid: derivative_for_value
    # Returns the derivative s(1-s) of the sigmoid instead of its value.
    def sigmoid(z):
        s = 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))
        return s * (1 - s)

    # sigmoid_missing_parentheses: sigmoid: parentheses_forgotten
    # Parentheses around the denominator are missing, so it computes 1 + exp(-z).
    def sigmoid(z):
        z = np.clip(z, -700, 700)
        return 1 / 1 + np.exp(-z)

    # sigmoid_negative_branch: sigmoid: same_for_both_signs
    # The negative branch should be exp(z)/(1+exp(z)); 1/(1+exp(z)) is the complement.
    def sigmoid(z):
        z = np.asarray(z, dtype=float)
        out = np.empty(z.shape)
        pos = z >= 0
        out[pos] = 1 / (1 + np.exp(-z[pos]))
        out[~pos] = 1 / (1 + np.exp(z[~pos]))
        return out

    # sigmoid_clips_output: sigmoid: clipped_too_narrowly
    # Clips the probability to [0.05, 0.95], so confident predictions come out wrong.
    def sigmoid(z):
        p = np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))
        return np.clip(p, 0.05, 0.95)   # keep away from 0 and 1 for the log

    # sigmoid_one_sided_clip: sigmoid: cut_off_at_zero
    # Clips z at 0 from below, so every negative z gives exactly one half.
    def sigmoid(z):
        z = np.clip(z, 0, 500)
        return 1 / (1 + np.exp(-z))

    # loss_sum: loss: sum_for_mean
    # Sums the cross entropy over the rows instead of averaging.
    def loss(w, X, y):
        z = X @ w
        return np.sum(np.logaddexp(0, z) - y * z)

    # loss_no_minus: loss: minus_forgotten
    # Returns the mean log likelihood: the leading minus sign is missing, so the loss is negative.
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-12, 1 - 1e-12)
        return np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    # loss_positive_term_only: loss: one_class_only
    # Leaves out the (1-y) log(1-p) term, so rows of class 0 do not count.
    def loss(w, X, y):
        log_p = -np.logaddexp(0, -(X @ w))
        return -np.mean(y * log_p)

    # loss_second_log_of_p: loss: complement_forgotten
    # The second term takes log(p) rather than log(1-p), so the label does not matter at all.
    def loss(w, X, y):
        eps = 1e-12
        p = sigmoid(X @ w)
        total = 0
        for i in range(len(y)):
            total += y[i] * np.log(p[i] + eps) + (1 - y[i]) * np.log(p[i] + eps)
        return -total / len(y)

    # loss_swapped_arguments: loss: logarithm_of_the_labels
    # Swaps prediction and label: it takes the logarithm of the labels weighted by the predictions.
    def loss(w, X, y):
        eps = 1e-9
        p = sigmoid(X @ w)
        t = np.clip(y, eps, 1 - eps)
        return -np.mean(p * np.log(t) + (1 - p) * np.log(1 - t))

    # loss_log2: loss: other_base
    # Uses base 2 logarithms, so the loss is too large by a factor 1/ln 2.
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-12, 1 - 1e-12)
        bits = np.where(y == 1, np.log2(p), np.log2(1 - p))
        return -bits.mean()

    # loss_squared_error: loss: squared_error_for_cross_entropy
    # Computes the mean squared error of the probabilities instead of the cross entropy.
    def loss(w, X, y):
        p = sigmoid(X @ w)
        return np.mean((p - y) ** 2)

    # loss_naive_logs: loss: log_of_zero
    # Takes log(p) and log(1-p) unprotected, so saturated probabilities give nan or inf.
    def loss(w, X, y):
        p = sigmoid(X @ w)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    # loss_log_one_plus_exp_overflows: loss: overflow
    # log(1+exp(z)) overflows for large z, so the loss becomes infinite; it needs logaddexp or a max trick.
    def loss(w, X, y):
        z = X @ w
        softplus = np.log(1 + np.exp(z))
        return np.mean(softplus - y * z)

    # loss_epsilon_too_large: loss: epsilon_too_large
    # The epsilon inside the logarithms is 0.1, far too large, and biases the loss.
    def loss(w, X, y):
        eps = 0.1
        p = sigmoid(X @ w)
        return -np.mean(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))

    # loss_half: loss: half_of_the_mean
    # Divides by 2n (as for least squares) instead of n.
    def loss(w, X, y):
        m = len(y)
        z = X @ w
        return (1 / (2 * m)) * np.sum(np.logaddexp(0, z) - y * z)

    # loss_divided_by_features: loss: divided_by_columns
    # Divides by the number of features rather than the number of rows.
    def loss(w, X, y):
        z = X @ w
        m = X.shape[1]
        return np.sum(np.logaddexp(0, z) - y * z) / m

    # loss_margin_with_01_labels: loss: labels_of_minus_one
    # Uses the margin formula log(1+exp(-y z)), which needs labels -1/+1, with 0/1 labels.
    def loss(w, X, y):
        margin = y * (X @ w)
        return np.logaddexp(0, -margin).mean()

    # loss_no_sigmoid: loss: scores_for_probabilities
    # Uses the raw scores X@w as probabilities; the sigmoid is missing.
    def loss(w, X, y):
        p = np.clip(X @ w, 1e-7, 1 - 1e-7)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    # loss_double_sigmoid: loss: activation_twice
    # Applies the sigmoid twice before taking the logarithms.
    def loss(w, X, y):
        p = sigmoid(X @ w)
        z = sigmoid(p)
        return -np.mean(y * np.log(z) + (1 - y) * np.log(1 - z))

    # loss_l2_penalty: loss: penalty_added
    # Adds an L2 penalty on the weights which the task does not ask for.
    def loss(w, X, y, lam=0.1):
        z = X @ w
        data_term = np.mean(np.logaddexp(0, z) - y * z)
        return data_term + lam / 2 * np.sum(w ** 2)

    # loss_per_row: loss: not_reduced
    # Returns the vector of per-row losses; the mean is missing.
    def loss(w, X, y):
        z = X @ w
        s = np.where(y == 1, 1, -1)
        return np.logaddexp(0, -s * z)

    # loss_returns_in_loop: loss: returned_in_the_loop
    # The return is indented inside the loop, so only the first row is counted.
    def loss(w, X, y):
        total = 0.0
        for x_i, y_i in zip(X, y):
            z = x_i @ w
            total += np.logaddexp(0, z) - y_i * z
            return total / len(y)

    # loss_minus_on_first_term_only: loss: minus_for_plus
    # The minus sign only applies to the first term, so rows of class 0 reduce the loss.
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-12, 1 - 1e-12)
        return np.mean(-y * np.log(p) + (1 - y) * np.log(1 - p))

    # loss_class_balanced: loss: mean_over_classes
    # Averages the two class means with equal weight instead of averaging over all the rows.
    def loss(w, X, y):
        z = X @ w
        loss_pos = np.logaddexp(0, -z[y == 1]).mean()
        loss_neg = np.logaddexp(0, z[y == 0]).mean()
        return (loss_pos + loss_neg) / 2

    # loss_broadcast_matrix: loss: every_pair
    # Scores of shape (n, 1) broadcast against labels (n,) into an n-by-n matrix, so every score meets every label.
    def loss(w, X, y):
        z = X @ w.reshape(-1, 1)
        losses = np.logaddexp(0, z) - y * z
        return losses.mean()

    # loss_hard_predictions: loss: label_for_probability
    # Rounds the probabilities to 0/1 predictions before taking the cross entropy.
    def loss(w, X, y):
        y_hat = (sigmoid(X @ w) > 0.5).astype(float)
        y_hat = np.clip(y_hat, 1e-6, 1 - 1e-6)
        return -np.mean(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))

    # loss_relabels_y_in_place: loss: input_changed
    # Overwrites the caller's labels 0 with -1 in place, which corrupts y for every later use.
    def loss(w, X, y):
        y[y == 0] = -1
        margins = y * (X @ w)
        return np.mean(np.logaddexp(0, -margins))

    # loss_softplus_sign: loss: minus_too_many
    # Mixes the two forms of the loss: log(1+exp(-z)) goes with (1-y)z, not with -yz.
    def loss(w, X, y):
        z = X @ w
        # log(1 + e^-z) - y z
        return np.mean(np.logaddexp(0, -z) - y * z)

    # gradient_sum: gradient: sum_for_mean
    # Not divided by n, so it is the gradient of the summed loss, not of the mean.
    def gradient(w, X, y):
        error = sigmoid(X @ w) - y
        return X.T.dot(error)

    # gradient_flipped_sign: gradient: difference_reversed result_negated
    # Uses y - p, so the gradient has the wrong sign and descent climbs the loss.
    def gradient(w, X, y):
        error = y - sigmoid(X @ w)
        return X.T @ error / len(y)

    # gradient_factor_two: gradient: factor_two_too_many
    # Has a stray factor 2, as from the derivative of a square.
    def gradient(w, X, y):
        n = len(y)
        return 2 / n * X.T @ (sigmoid(X @ w) - y)

    # gradient_linear_regression: gradient: scores_for_probabilities
    # No sigmoid on the predictions: this is the gradient of linear regression.
    def gradient(w, X, y):
        predictions = X @ w
        return X.T @ (predictions - y) / X.shape[0]

    # gradient_extra_sigmoid_derivative: gradient: derivative_of_the_sigmoid
    # Multiplies by p(1-p), which cancels for the cross entropy; it belongs to the squared error.
    def gradient(w, X, y):
        p = sigmoid(X @ w)
        delta = (p - y) * p * (1 - p)
        return X.T @ delta / len(y)

    # gradient_divided_by_features: gradient: divided_by_columns
    # Divides by the number of features rather than the number of rows.
    def gradient(w, X, y):
        p = sigmoid(X @ w)
        return X.T @ (p - y) / len(w)

    # gradient_mean_over_everything: gradient: axis_forgotten
    # Averages over rows and features alike (axis=0 is missing), giving one number rather than a vector.
    def gradient(w, X, y):
        diff = (sigmoid(X @ w) - y).reshape(-1, 1)
        return np.mean(diff * X)

    # gradient_keeps_last_row: gradient: last_row_only
    # The loop assigns instead of adding, so only the last row contributes.
    def gradient(w, X, y):
        grad = np.zeros(X.shape[1])
        for i in range(X.shape[0]):
            p = sigmoid(X[i] @ w)
            grad = (p - y[i]) * X[i]
        return grad / X.shape[0]

    # gradient_perceptron: gradient: label_for_probability
    # Uses hard 0/1 predictions rather than probabilities, i.e. the perceptron rule.
    def gradient(w, X, y):
        guess = (X @ w > 0).astype(int)
        return X.T @ (guess - y) / len(y)

    # gradient_absolute_error: gradient: sign_of_the_error_lost
    # Takes the absolute value of the residual, losing its sign for the rows of class 1.
    def gradient(w, X, y):
        errors = np.abs(sigmoid(X @ w) - y)
        return np.mean(errors[:, None] * X, axis=0)

    # gradient_weight_decay: gradient: penalty_added
    # Adds a weight-decay term, though the loss has no penalty.
    def gradient(w, X, y):
        p = sigmoid(X @ w)
        grad = X.T @ (p - y) / len(y)
        grad += 0.1 * w
        return grad

    # gradient_wrong_axis: gradient: other_axis
    # Sums over the features (axis=1), giving a vector of length n rather than d.
    def gradient(w, X, y):
        residual = sigmoid(X @ w) - y
        contributions = X * residual[:, None]
        return contributions.sum(axis=1) / len(y)

    # gradient_normalised: gradient: gradient_scaled_to_length_one
    # Scales the gradient to unit length, losing its size.
    def gradient(w, X, y):
        g = X.T @ (sigmoid(X @ w) - y) / len(y)
        return g / (np.linalg.norm(g) + 1e-12)

    # gradient_forward_difference_halved: gradient
    # A forward difference is divided by 2h, which belongs to the central difference, so it is half the gradient.
    def gradient(w, X, y):
        h = 1e-5
        g = np.zeros(len(w))
        for j in range(len(w)):
            step = np.zeros(len(w))
            step[j] = h
            g[j] = (loss(w + step, X, y) - loss(w, X, y)) / (2 * h)
        return g

    # gradient_numeric_not_reset: gradient
    # The numerical gradient never takes back the step in the previous coordinates, so the differences accumulate.
    def gradient(w, X, y):
        eps = 1e-2
        base = loss(w, X, y)
        w2 = w.astype(float).copy()
        g = []
        for j in range(len(w)):
            w2[j] += eps
            g.append((loss(w2, X, y) - base) / eps)
        return np.array(g)

    # gradient_broadcast_columns: gradient: every_pair
    # p of shape (n, 1) minus y of shape (n,) broadcasts to n by n, so each prediction is compared with the average label.
    def gradient(w, X, y):
        p = sigmoid(X @ w).reshape(-1, 1)
        return (X.T @ (p - y)).mean(axis=1)

    # gradient_skips_first_feature: gradient: starts_at_one
    # The loop starts at feature 1, so the first weight's derivative stays zero (as if it were an intercept).
    def gradient(w, X, y):
        d = X.shape[1]
        error = sigmoid(X @ w) - y
        g = np.zeros(d)
        for j in range(1, d):
            g[j] = (error * X[:, j]).sum() / len(y)
        return g

    # gradient_n_minus_one: gradient: divided_by_one_less
    # Divides by n-1 instead of n.
    def gradient(w, X, y):
        n = y.shape[0]
        return (X.T @ (sigmoid(X @ w) - y)) / (n - 1)

    # gradient_column_shape: gradient: result_as_column
    # Returns a (d, 1) column rather than a vector of shape (d,), which broadcasts wrongly against w.
    def gradient(w, X, y):
        Y = y[:, None]
        P = sigmoid(X @ w)[:, None]
        return (X.T @ (P - Y)) / len(Y)

    # gradient_one_random_row: gradient
    # Uses one random row (stochastic gradient) instead of the gradient of the mean loss.
    def gradient(w, X, y):
        i = np.random.randint(len(y))
        return (sigmoid(X[i] @ w) - y[i]) * X[i]

    # fit_ascent: fit: gradient_ascent
    # Adds the gradient, so it climbs the loss instead of descending.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w += lr * gradient(w, X, y)
        return w

    # fit_starts_at_ones: fit: ones_for_zeros
    # Starts from ones rather than zeros.
    def fit(X, y, lr=0.1, steps=100):
        w = np.ones(X.shape[1])
        for i in range(steps):
            w = w - lr * gradient(w, X, y)
        return w

    # fit_random_start: fit: random_start
    # Starts from random weights although the task says zeros.
    def fit(X, y, lr=0.1, steps=100):
        rng = np.random.default_rng(0)
        w = rng.normal(size=X.shape[1])
        for i in range(steps):
            w = w - lr * gradient(w, X, y)
        return w

    # fit_returns_in_loop: fit: returned_in_the_loop
    # The return is inside the loop, so only one step is taken.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for step in range(steps):
            g = gradient(w, X, y)
            w = w - lr * g
            return w

    # fit_returns_losses: fit: losses_for_weights
    # Returns the list of losses instead of the weights.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        history = []
        for _ in range(steps):
            history.append(loss(w, X, y))
            w = w - lr * gradient(w, X, y)
        return history

    # fit_ignores_lr: fit: own_learning_rate
    # Ignores the lr argument and always steps with 0.01.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - 0.01 * gradient(w, X, y)
        return w

    # fit_ignores_steps: fit: own_number_of_rounds
    # Ignores the steps argument and always takes 1000 steps.
    def fit(X, y, lr=0.1, steps=100):
        theta = np.zeros(X.shape[1])
        for epoch in range(1000):
            theta -= lr * gradient(theta, X, y)
        return theta

    # fit_one_step_short: fit: one_round_too_few starts_at_one
    # The counter starts at 1 and stops before steps, so one step too few is taken.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        t = 1
        while t < steps:
            w = w - lr * gradient(w, X, y)
            t += 1
        return w

    # fit_decaying_rate: fit: decaying_rate
    # Decays the learning rate as lr/(1+t), although it should stay constant.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for t in range(steps):
            w = w - lr / (1 + t) * gradient(w, X, y)
        return w

    # fit_stale_gradient: fit: computed_once
    # The gradient is computed once before the loop and never updated.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        g = gradient(w, X, y)
        for _ in range(steps):
            w = w - lr * g
        return w

    # fit_overwrites_w: fit: step_for_weights
    # Each step replaces w by the step itself instead of adding the step to w.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = -lr * gradient(w, X, y)
        return w

    # fit_adds_intercept: fit: bias_too_many
    # Adds an intercept column, so it returns d+1 weights, though the model has no intercept.
    def fit(X, y, lr=0.1, steps=100):
        Xb = np.hstack([np.ones((X.shape[0], 1)), X])
        w = np.zeros(Xb.shape[1])
        for _ in range(steps):
            w -= lr * gradient(w, Xb, y)
        return w

    # fit_standardises: fit: scaled_unasked
    # Standardises X first, so the weights belong to the rescaled features and not to X.
    def fit(X, y, lr=0.1, steps=100):
        X = (X - X.mean(axis=0)) / X.std(axis=0)
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
        return w

    # fit_one_row_per_step: fit: one_row_per_step
    # Every step uses a single row (stochastic gradient descent) rather than all the data.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for t in range(steps):
            i = t % len(X)
            w -= lr * gradient(w, X[i:i + 1], y[i:i + 1])
        return w

    # fit_early_stop: fit: ends_early
    # Stops early as soon as the loss improves by less than 0.01, so fewer than the requested steps are taken.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        previous = loss(w, X, y)
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
            current = loss(w, X, y)
            if previous - current < 0.01:
                break
            previous = current
        return w

    # fit_returns_tuple: fit: more_than_asked
    # Returns a pair of weights and loss rather than the weights alone.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w -= lr * gradient(w, X, y)
        return w, loss(w, X, y)

    # fit_momentum: fit: momentum
    # Uses momentum, which is not plain gradient descent and ends at different weights.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        velocity = np.zeros_like(w)
        for _ in range(steps):
            velocity = 0.9 * velocity - lr * gradient(w, X, y)
            w = w + velocity
        return w

    # fit_coordinate_updates: fit: changed_one_by_one
    # Updates the weights one after another, each with a gradient at the already partly updated w, rather than all at once.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            for j in range(len(w)):
                w[j] = w[j] - lr * gradient(w, X, y)[j]
        return w

    # fit_divides_by_n_again: fit: learning_rate_over_rows
    # Divides by n once more although the gradient is already the mean, so the steps are n times too small.
    def fit(X, y, lr=0.1, steps=100):
        n, d = X.shape
        w = np.zeros(d)
        for _ in range(steps):
            w = w - (lr / n) * gradient(w, X, y)
        return w

    # fit_averages_iterates: fit: mean_of_the_rounds
    # Returns the average of all the iterates instead of the last one.
    def fit(X, y, lr=0.1, steps=100):
        ws = []
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
            ws.append(w)
        return np.mean(ws, axis=0)

    # fit_signed_labels: fit: labels_made_minus_one
    # Turns the labels into -1/+1, but the gradient is derived for labels 0 and 1.
    def fit(X, y, lr=0.1, steps=100):
        t = 2 * y - 1
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w -= lr * gradient(w, X, t)
        return w

    # fit_integer_weights: fit: whole_numbers_at_the_start
    # The weights are an integer array, and subtracting floats in place from it raises a casting error.
    def fit(X, y, lr=0.1, steps=100):
        w = np.array([0] * X.shape[1])
        for _ in range(steps):
            w -= lr * gradient(w, X, y)
        return w

    # fit_swapped_arguments: fit: arguments_exchanged
    # Calls gradient(X, y, w) though its parameters are (w, X, y), so the shapes do not fit and it raises.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            grad = gradient(X, y, w)
            w = w - lr * grad
        return w

    # fit_shuffles_rows_only: fit
    # Shuffles the rows of X but not y, so rows and labels no longer belong together.
    def fit(X, y, lr=0.1, steps=100):
        rng = np.random.default_rng(42)
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            order = rng.permutation(len(X))
            w = w - lr * gradient(w, X[order], y)
        return w

    # fit_resets_w: fit: start_in_every_round
    # The zeros are assigned inside the loop, so every step starts over and the result is a single step.
    def fit(X, y, lr=0.1, steps=100):
        for _ in range(steps):
            w = np.zeros(X.shape[1])
            g = gradient(w, X, y)
            w = w - lr * g
        return w

    # fit_mini_batches: fit: step_for_each_batch
    # Takes a step for each mini-batch of 8 rows, many steps per pass, instead of one step on all the data.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        batch = 8
        for epoch in range(steps):
            for start in range(0, len(y), batch):
                Xb, yb = X[start:start + batch], y[start:start + batch]
                w = w - lr * gradient(w, Xb, yb)
        return w

    # fit_sign_descent: fit: sign_of_the_gradient
    # Only uses the sign of the gradient, so each step has the same size whatever the slope.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            g = gradient(w, X, y)
            w = w - lr * np.sign(g)
        return w

    # sigmoid_one_branch_for_whole_array: sigmoid: overflow
    # Chooses the stable formula once by the sign of the mean, not per element, so a large positive z among negatives gives nan.
    def sigmoid(z):
        z = np.asarray(z, dtype=float)
        if z.mean() >= 0:
            return 1.0 / (1.0 + np.exp(-z))
        else:
            ez = np.exp(z)
            return ez / (1.0 + ez)

    # sigmoid_nan_replaced_by_zero: sigmoid: infinite_terms_dropped
    # The nan of inf / inf at large positive z is replaced by 0, though the sigmoid is 1 there.
    def sigmoid(z):
        with np.errstate(over="ignore", invalid="ignore"):
            s = np.exp(z) / (np.exp(z) + 1.0)
        return np.nan_to_num(s)

    # sigmoid_negates_its_argument: sigmoid: input_changed
    # Flips the sign of the caller's array in place, so z is changed after the call.
    def sigmoid(z):
        z *= -1
        with np.errstate(over="ignore"):
            denominator = 1.0 + np.exp(z)
        return 1.0 / denominator

    # loss_clip_at_1e_7: loss: clipped_too_narrowly
    # Keeps p away from 0 and 1 by 1e-7 (as Keras does), more than allowed, so very wrong patients cost too little.
    def loss(w, X, y):
        eps = 1e-7
        y_hat = np.clip(sigmoid(X @ w), eps, 1 - eps)
        losses = np.where(y == 1, -np.log(y_hat), -np.log(1 - y_hat))
        return losses.mean()

    # gradient_divides_only_second_term: gradient: parentheses_forgotten
    # Missing parentheses: only X^T y is divided by n, and X^T p is not.
    def gradient(w, X, y):
        p = sigmoid(np.matmul(X, w))
        return X.T @ p - X.T @ y / X.shape[0]

    # gradient_subtracts_from_labels_in_place: gradient: input_changed
    # Uses y -= p to save memory, so the caller's labels are changed.
    def gradient(w, X, y):
        y -= sigmoid(X @ w)
        return -(X.T @ y) / len(y)

    # fit_mini_batches_of_32: fit: one_row_per_step
    # Each step uses only the next 32 rows and not all the data.
    def fit(X, y, lr=0.1, steps=100):
        batch_size = 32
        n = len(y)
        w = np.zeros(X.shape[1])
        start = 0
        for _ in range(steps):
            batch = slice(start, start + batch_size)
            w = w - lr * gradient(w, X[batch], y[batch])
            start += batch_size
            if start >= n:
                start = 0
        return w

    # fit_shuffles_the_callers_data: fit: input_changed
    # The weights are right, but the rows of X and y are shuffled in place, so the caller's arrays are changed.
    def fit(X, y, lr=0.1, steps=100):
        order = np.random.default_rng(42).permutation(len(y))
        X[:] = X[order]
        y[:] = y[order]
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(w, X, y)
        return w

    # sigmoid_one_large_makes_all_hard: sigmoid
    # If any element is large, all of them are set to 0, 0.5 or 1, also the small ones.
    def sigmoid(z):
        if np.any(np.abs(z) > 700):
            # exp would overflow: use the limits
            return (np.sign(z) + 1) / 2
        return 1 / (1 + np.exp(-z))

    # sigmoid_flat_beyond_six: sigmoid: clipped_too_narrowly
    # It takes 1 above 6 and 0 below -6, where the sigmoid is still 0.0025 away from that.
    def sigmoid(z):
        MAX_EXP = 6
        inner = 1 / (1 + np.exp(-np.clip(z, -MAX_EXP, MAX_EXP)))
        return np.where(z > MAX_EXP, 1.0, np.where(z < -MAX_EXP, 0.0, inner))

    # sigmoid_squeezes_its_answer: sigmoid: result_squeezed
    # It drops dimensions of length 1, so an array of shape (1, 3) or (4, 1) comes back with another shape.
    def sigmoid(z):
        safe = np.clip(z, -500, 500)
        return np.squeeze(1 / (1 + np.exp(-safe)))

    # sigmoid_clips_callers_array: sigmoid: input_changed
    # np.asarray does not copy an array of floats, so very negative numbers are overwritten in the caller's z.
    def sigmoid(z):
        z = np.asarray(z, dtype=float)
        z[z < -700] = -700  # exp(700) is still ok
        return 1.0 / (1.0 + np.exp(-z))

    # loss_log_of_product: loss: logarithm_of_a_product
    # It multiplies all likelihoods before it takes the logarithm; for many rows the product is rounded to 0, the loss infinite.
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-12, 1 - 1e-12)
        likelihood = np.prod(np.where(y == 1, p, 1 - p))
        return -np.log(likelihood) / len(y)

    # loss_mean_of_an_empty_class: loss
    # It averages over the sick and the healthy separately and weights the two, which is nan if all patients are of one class.
    def loss(w, X, y):
        p = np.clip(sigmoid(X @ w), 1e-12, 1 - 1e-12)
        share = y.mean()
        sick = np.log(p[y == 1]).mean()
        healthy = np.log(1 - p[y == 0]).mean()
        return -(share * sick + (1 - share) * healthy)

    # loss_exp_in_long_double: loss: overflow
    # log(1 + e^z) is computed with longer floats, which only moves the overflow: for z beyond 11356 the loss is infinite.
    def loss(w, X, y):
        z = np.asarray(X @ w, dtype=np.longdouble)  # exp(800) fits in here
        per_patient = np.log1p(np.exp(z)) - y * z
        return float(np.mean(per_patient))

    # gradient_squeezed_error: gradient
    # The error is squeezed, so with a single row it is no longer a vector and the answer has shape (d, 1).
    def gradient(w, X, y):
        z = np.dot(X, w.reshape(-1, 1))
        err = np.squeeze(sigmoid(z) - y.reshape(-1, 1))
        return np.dot(X.T, err) / len(X)

    # fit_weights_typed_like_labels: fit: whole_numbers_at_the_start
    # The weights get the dtype of y, so with integer labels the update in place raises an error.
    def fit(X, y, lr=0.1, steps=100):
        num_features = X.shape[1]
        w = np.zeros(num_features, dtype=y.dtype)
        for _ in range(steps):
            w -= lr * gradient(w, X, y)
        return w

    # loss_nan_to_num_at_the_end: loss
    # The nan of one sure patient makes the mean nan, which is then replaced by 0, so that the other patients no longer count.
    def loss(w, X, y):
        p = sigmoid(X @ w)
        cost = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        # get rid of nan and inf
        return np.nan_to_num(cost)

    # gradient_probabilities_like_y: gradient: made_like_integers
    # The probabilities are stored in an array of the type of y, so they are cut to 0 if the labels are integers.
    def gradient(w, X, y):
        n, d = X.shape
        p = np.zeros_like(y)
        for i in range(n):
            p[i] = sigmoid(np.dot(X[i], w))
        grad = np.zeros(d)
        for j in range(d):
            grad[j] = np.sum((p - y) * X[:, j]) / n
        return grad

    # sigmoid_only_one_or_two_dimensions: sigmoid: number_of_axes_assumed
    # It works for 1-D and 2-D arrays only and raises an error for any other shape
    import math


    def sig(t):
        return 1 / (1 + math.exp(-t)) if t >= 0 else math.exp(t) / (1 + math.exp(t))


    def sigmoid(z):
        if z.ndim == 1:
            return np.array([sig(t) for t in z])
        rows, cols = z.shape
        out = np.zeros((rows, cols))
        for r in range(rows):
            for c in range(cols):
                out[r, c] = sig(z[r, c])
        return out

    # sigmoid_saturates_at_six: sigmoid: clipped_too_narrowly
    # Beyond 6 and -6 it says exactly 1 and 0, although the sigmoid is still clearly different there
    def sigmoid(z):
        z = np.asarray(z, float)
        middle = 1 / (1 + np.exp(-z))
        # far out it is 1 or 0 anyway
        return np.where(z > 6, 1.0, np.where(z < -6, 0.0, middle))

    # loss_log_clamped_at_ten: loss: clipped_too_narrowly
    # The logarithms are cut off at -10, so a patient never costs more than 10, as if p were kept 4.5e-5 away
    def safe_log(v):
        return np.maximum(np.log(v), -10)


    def loss(w, X, y):
        p = sigmoid(X @ w)
        return -np.mean(y * safe_log(p) + (1 - y) * safe_log(1 - p))

    # loss_n_from_global: loss: global_for_argument(X)
    # It divides by the number of rows of the global X_small instead of those of X
    def loss(w, X, y):
        n = len(X_small)
        p = sigmoid(X @ w)
        p = np.clip(p, 1e-10, 1 - 1e-10)
        s = np.sum(y * np.log(p)) + np.sum((1 - y) * np.log(1 - p))
        return -s / n

    # gradient_for_two_weights: gradient: number_of_columns_assumed
    # It always returns two numbers, the derivatives by the first two weights, whatever d is
    def gradient(w, X, y):
        p = sigmoid(X @ w)
        dw0 = np.mean((p - y) * X[:, 0])
        dw1 = np.mean((p - y) * X[:, 1])
        return np.array([dw0, dw1])

    # gradient_clipped: gradient: gradient_limited
    # The gradient is clipped to [-1, 1], so it is not the derivative if a slope is steep
    def gradient(w, X, y):
        g = np.dot(X.T, sigmoid(np.dot(X, w)) - y) / y.size
        # gradient clipping against explosions
        return np.clip(g, -1, 1)

    # fit_with_weight_decay: fit: penalty_added
    # A penalty on the weights is added to the gradient, which is not part of the loss
    def fit(X, y, lr=0.1, steps=100):
        lam = 0.01
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            grad = gradient(w, X, y) + lam * w  # regularisation
            w = w - lr * grad
        return w

    # sigmoid_forgets_zero: sigmoid: boundary_left_out
    # z = 0 belongs to neither case, so its sigmoid is 0 and not one half
    def sigmoid(z):
        z = np.asarray(z, dtype=float)
        out = np.zeros(z.shape)
        right = z > 0
        left = z < 0
        out[right] = 1 / (1 + np.exp(-z[right]))
        out[left] = np.exp(z[left]) / (1 + np.exp(z[left]))
        return out

    # loss_z_clipped_at_15: loss: clipped_too_narrowly
    # z is clipped at 15, so p stays 3e-7 away from 0 and 1 and wrong patients cost at most 15
    def loss(w, X, y):
        z = X @ w
        z = np.minimum(np.maximum(z, -15), 15)
        p = sigmoid(z)
        return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()

    # gradient_own_probabilities: gradient: overflow
    # computes p as e^z / (1 + e^z) by itself, which is nan for large z
    def gradient(w, X, y):
        ez = np.exp(X @ w)
        p = ez / (1 + ez)
        return (p - y) @ X / len(X)

    # fit_minibatches: fit: one_row_per_step
    # each step uses at most 32 random patients, and not all the data
    def fit(X, y, lr=0.1, steps=100):
        rng = np.random.default_rng(0)
        n, d = X.shape
        batch = min(32, n)
        w = np.zeros(d)
        for _ in range(steps):
            rows = rng.choice(n, size=batch, replace=False)
            w = w - lr * gradient(w, X[rows], y[rows])
        return w

    # sigmoid_zeros_like: sigmoid: made_like_integers
    # the result has the type of z, so for integers everything is cut off to 0 or 1
    def sigmoid(z):
        out = np.zeros_like(z)
        positive = z >= 0
        out[positive] = 1 / (1 + np.exp(-z[positive]))
        out[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
        return out

    # sigmoid_vectorize_type: sigmoid: decimals_cut_off
    # np.vectorize takes the type from the first element: if that is large, the integer 0 or 1 makes all answers integers
    import math

    def one(t):
        if t < -700:
            return 0
        if t > 700:
            return 1
        return 1 / (1 + math.exp(-t))


    def sigmoid(z):
        return np.vectorize(one)(z)

    # loss_nan_becomes_zero: loss: infinite_terms_dropped log_of_zero
    # one sure patient makes the sum nan, and then the whole loss is replaced by 0
    def loss(w, X, y):
        p = sigmoid(np.dot(X, w))
        with np.errstate(all="ignore"):
            value = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        # make it finite
        return np.nan_to_num(value, nan=0.0, posinf=1e6)

    # fit_ends_when_weights_stay: fit: ends_early
    # Ends when a step hardly changes the weights, so it takes fewer steps than it is asked for.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            new = w - lr * gradient(w, X, y)
            if np.allclose(new, w):
                return new
            w = new
        return w

    # fit_ends_when_loss_stays: fit: ends_early
    # Ends when a step hardly changes the loss.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            before = loss(w, X, y)
            w = w - lr * gradient(w, X, y)
            if abs(before - loss(w, X, y)) < 1e-9:
                break
        return w

    # fit_weights_of_the_type_of_X: fit: whole_numbers_at_the_start
    # The weights have the dtype of X, so that with integers the subtraction raises an error.
    def fit(X, y, lr=0.1, steps=100):
        w = np.zeros(X.shape[1], dtype=X.dtype)
        for _ in range(steps):
            w -= lr * gradient(w, X, y)
        return w
    """,
    CELLS,
)
