"""Known mistakes: each changes the reference solution, and says what a student who makes it reads.

The texts never contain the solution or a hidden number. Of mistakes that the tests cannot tell
apart the first is named, so the likelier ones come first.
"""

from __future__ import annotations

from autograder.testing import Misconception

MAKE_A = "    a = torch.tensor(float(a), requires_grad=True)\n"
MAKE_B = "    b = torch.tensor(float(b), requires_grad=True)\n"
MADE_ONCE = "A, B = (torch.zeros((), requires_grad=True) for _ in range(2))\n"
BACK_Y = "    y.backward()\n"
RETURN_PAIR = "return a.grad, b.grad"
Y = "y = a**3 - b**2 + 3"

PREDICTION = "return x @ self.w + self.b"

ERROR = "(model.forward(X).squeeze(1) - y)"
SQUARE = f"({ERROR} ** 2)"
LOSS = "    loss = "
BACK = "    loss.backward()\n"
NO_GRAD = "    with torch.no_grad():\n"
PARAMS = "in model.params"
UPDATE = "p -= lr * p.grad"
CLEAR = "            p.grad.zero_()\n"
RETURN_LOSS = "return loss.item()"

UPDATES = f"            {UPDATE}\n{CLEAR}"
OPTIMIZED = "    optimizer.step()\n    optimizer.zero_grad()\n"
MAKE_ONCE = (
    "    global optimizer\n    if optimizer is None:\n"
    "        optimizer = torch.optim.SGD(model.params, lr=lr)\n"
)
ZERO_FIRST = "    for p in model.params:\n        p.grad.zero_()\n"
BODY = (
    f"    loss = {SQUARE}.mean()\n{BACK}{NO_GRAD}        for p {PARAMS}:\n{UPDATES}"
    f"    {RETURN_LOSS}\n"
)

EVERY_GRADIENT = "headline derivative_in_a derivative_in_b"
EVERY_FORWARD = "shape product bias gradients_flow"
EVERY_UPDATE = (
    "weight_is_updated bias_is_updated mean_of_all_rows learning_rate steps_in_a_row in_place"
)
EVERY_LOSS = "loss loss_before_the_update"
LENGTH = "bias_is_updated loss_before_the_update"  # how long a step is, and how large the loss
EVERY_FIT = "learned_coefficient learned_bias"
EVERY_CONVERGENCE = f"{EVERY_FIT} loss_falls"


def _gradients(
    name: str, old: str, new: str, happened: str, why: str, look: str, loses: str
) -> Misconception:
    return Misconception(name, "gradients", (((old, new),),), happened, why, look, loses)


def _forward(name: str, new: str, happened: str, why: str, look: str, loses: str) -> Misconception:
    return Misconception(name, "forward", (((PREDICTION, new),),), happened, why, look, loses)


def _bias(name: str, new: str, happened: str, why: str, look: str, loses: str) -> Misconception:
    return Misconception(
        name, "forward", (((" + self.b\n", f"{new}\n"),),), happened, why, look, loses
    )


def _product(name: str, new: str, happened: str, why: str, look: str, loses: str) -> Misconception:
    change = (("return x @ self.w", f"return {new}"),)
    return Misconception(name, "forward", (change,), happened, why, look, loses)


def _step(
    name: str, old: str, new: str, happened: str, why: str, look: str, loses: str
) -> Misconception:
    return Misconception(name, "step", (((old, new),),), happened, why, look, loses)


def with_momentum(setting: str) -> str:
    """Return an update with an optimizer of the model's, after a setting of it."""
    return (
        "    if not hasattr(model, 'optimizer'):\n"
        "        model.optimizer = torch.optim.SGD(model.params, lr=lr, momentum=0.9)\n"
        f"{setting}    model.optimizer.step()\n    model.optimizer.zero_grad()\n"
    )


def several_steps(count: int) -> str:
    """Return the body of `step` with a loop around all but its last line."""
    lines = "".join(f"    {line}\n" for line in BODY.splitlines()[:-1])
    return f"    for _ in range({count}):\n{lines}    {RETURN_LOSS}\n"


GRADIENTS = (
    _gradients(
        "swapped",
        RETURN_PAIR,
        "return b.grad, a.grad",
        "The two gradients are returned in the wrong order: dy/db first, then dy/da.",
        "The task asks for the pair (dy/da, dy/db).",
        "Look at the `return` line.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "minus_forgotten",
        Y,
        "y = a**3 + b**2 + 3",
        "dy/da is right, but dy/db has the wrong sign.",
        "Autograd differentiates exactly the y that you wrote, and in yours the part with b is "
        "added.",
        "Compare the line that computes y with the formula, sign by sign.",
        loses="headline derivative_in_b",
    ),
    _gradients(
        "both_signs",
        RETURN_PAIR,
        "return -a.grad, -b.grad",
        "Both gradients have the right size and the wrong sign.",
        "Either y is the negative of the formula, or the gradients are negated afterwards.",
        "Look for a minus sign that does not belong there.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "point_for_gradient",
        RETURN_PAIR,
        "return a, b",
        "The function returns the point (a, b) itself, not the gradients at that point.",
        "`a` is the tensor's value. backward() stores the gradient in another attribute of the "
        "tensor.",
        "Look at the `return` line, and at the example in the notebook.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "y_for_gradient",
        RETURN_PAIR,
        "return y, y",
        "The function returns y, the value of the polynomial, not its gradients.",
        "The gradients say how fast y changes; backward() stores them in the inputs.",
        "Look at the `return` line.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "written_down",
        RETURN_PAIR,
        "return 75.0, -12.0",
        "The function returns 75 and -12 for every a and b.",
        "Those are the gradients at one point only; at other points they are different.",
        "Compute the answer from the arguments, with autograd.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "written_down_at_points",
        RETURN_PAIR,
        "return {(5.0, 6.0): (75.0, -12.0), (1.0, 0.5): (3.0, -1.0)}.get("
        "(a.item(), b.item()), (0.0, 0.0))",
        "The function knows the gradients at the points of the checks, and zero elsewhere.",
        "The gradients are different at every point.",
        "Compute the answer from the arguments, with autograd.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "square_for_cube",
        "a**3",
        "a**2",
        "dy/da is that of a², where the formula has a³.",
        "Autograd differentiates exactly the y that you wrote.",
        "Compare the line that computes y with the formula: the powers.",
        loses="headline derivative_in_a",
    ),
    _gradients(
        "cube_for_square",
        "b**2",
        "b**3",
        "dy/db is that of b³, where the formula has b².",
        "Autograd differentiates exactly the y that you wrote.",
        "Compare the line that computes y with the formula: the powers.",
        loses="headline derivative_in_b",
    ),
    _gradients(
        "times_for_power_of_a",
        "a**3",
        "a*3",
        "dy/da is the same for every a: a is multiplied by its exponent.",
        "In Python, `*` multiplies and `**` raises to a power.",
        "Compare the line that computes y with the formula: the powers.",
        loses="headline derivative_in_a",
    ),
    _gradients(
        "times_for_power_of_b",
        "b**2",
        "b*2",
        "dy/db is the same for every b: b is multiplied by its exponent.",
        "In Python, `*` multiplies and `**` raises to a power.",
        "Compare the line that computes y with the formula: the powers.",
        loses="headline derivative_in_b",
    ),
    _gradients(
        "a_cut_to_a_whole_number",
        "float(a)",
        "float(int(a))",
        "dy/da is right only where a is a whole number.",
        "int() and integer tensors cut off what comes after the decimal point.",
        "Look at how the tensor of a is made.",
        loses="derivative_in_a",
    ),
    _gradients(
        "b_cut_to_a_whole_number",
        "float(b)",
        "float(int(b))",
        "dy/db is right only where b is a whole number.",
        "int() and integer tensors cut off what comes after the decimal point.",
        "Look at how the tensor of b is made.",
        loses="derivative_in_b",
    ),
    _gradients(
        "caret_for_power",
        Y,
        "y = a^3 - b^2 + 3",
        "The powers are written with `^`, which tensors of floats do not support.",
        "In Python, `^` is XOR; use `**` for powers.",
        "Look at how the powers are written in the line that computes y.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "differentiated_twice",
        Y,
        "y = 3 * a**2 - 2 * b",
        "The gradients are those of the derivative: the formula was differentiated twice.",
        "y is the polynomial itself; autograd does the differentiating.",
        "Compare the line that computes y with the formula.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "a_and_b_exchanged",
        Y,
        "y = b**3 - a**2 + 3",
        "In your y, a and b have changed places.",
        "In the formula, a is cubed and b is squared.",
        "Compare the line that computes y with the formula.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "product_for_difference",
        Y,
        "y = a**3 * b**2 + 3",
        "Each gradient also depends on the other variable: the two powers are multiplied.",
        "In the formula b² is subtracted from a³.",
        "Compare the line that computes y with the formula.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "backward_twice_on_y",
        BACK_Y,
        "    y.backward(retain_graph=True)\n    y.backward()\n",
        "Both gradients are twice as large as they should be.",
        "backward() adds to the existing gradients, and it ran twice on the same y.",
        "Call backward() once.",
        loses=EVERY_GRADIENT,
    ),
    Misconception(
        "left_over_between_calls",
        "gradients",
        (
            (
                (
                    "import torch\n",
                    f"import torch\n\n{MADE_ONCE}",
                ),
                (MAKE_A, "    with torch.no_grad():\n        A.fill_(a)\n"),
                (MAKE_B, "        B.fill_(b)\n    a, b = A, B\n"),
                (RETURN_PAIR, "return a.grad.clone(), b.grad.clone()"),
            ),
        ),
        "The first call is right, but a second call also includes the gradients of the first.",
        "The tensors are created once, outside the function, and backward() adds to their "
        "gradients.",
        "Create the tensors inside the function, so that each call has new ones.",
        loses=EVERY_GRADIENT,
    ),
    Misconception(
        "no_backward",
        "gradients",
        (
            ((BACK_Y, ""),),
            ((BACK_Y, ""), (RETURN_PAIR, "return a.grad.item(), b.grad.item()")),
            ((BACK_Y, ""), (RETURN_PAIR, "return float(a.grad), float(b.grad)")),
        ),
        "`.grad` is None: there is no gradient to return.",
        "A gradient exists only after backward() has run, and only for tensors that were created "
        "with requires_grad=True.",
        "Check that backward() is called on y, and that y is computed from the tensors a and b.",
        loses=EVERY_GRADIENT,
    ),
    Misconception(
        "cut_off",
        "gradients",
        (
            (
                ("a = torch.tensor(float(a), requires_grad=True)", "a = torch.tensor(float(a))"),
                ("b = torch.tensor(float(b), requires_grad=True)", "b = torch.tensor(float(b))"),
            ),
        ),
        "backward() finds nothing to go back through: y does not depend on a tensor with a "
        "gradient.",
        "PyTorch records only what is computed from tensors created with requires_grad=True, and "
        "loses the record at .item(), .detach(), .data or a new torch.tensor(...).",
        "Look at how a and b are created, and at what happens to them before y.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "a_not_recorded",
        "a = torch.tensor(float(a), requires_grad=True)",
        "a = torch.tensor(float(a))",
        "There is no gradient for a, while the one for b is right.",
        "PyTorch keeps gradients only for tensors created with requires_grad=True.",
        "Look at how a is created.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "b_not_recorded",
        "b = torch.tensor(float(b), requires_grad=True)",
        "b = torch.tensor(float(b))",
        "There is no gradient for b, while the one for a is right.",
        "PyTorch keeps gradients only for tensors created with requires_grad=True.",
        "Look at how b is created.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "same_gradient_twice",
        RETURN_PAIR,
        "return a.grad, a.grad",
        "dy/da is returned twice.",
        "The second value should be the gradient for b.",
        "Look at the `return` line.",
        loses="headline derivative_in_b",
    ),
    _gradients(
        "only_one_gradient",
        RETURN_PAIR,
        "return a.grad",
        "Only dy/da is returned.",
        "The task asks for two values, the pair (dy/da, dy/db).",
        "Look at the `return` line.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "sum_of_gradients",
        RETURN_PAIR,
        "return a.grad + b.grad",
        "The two gradients are added up and returned as one number.",
        "The task asks for two values, the pair (dy/da, dy/db).",
        "Look at the `return` line.",
        loses=EVERY_GRADIENT,
    ),
    _gradients(
        "gradients_not_returned",
        f"    {RETURN_PAIR}\n",
        "",
        "The function returns None.",
        "What a function computes or prints is lost unless it is returned, and backward() itself "
        "returns nothing.",
        "Look at the `return` line: is there one, and does it name both gradients?",
        loses=EVERY_GRADIENT,
    ),
)

FORWARD = (
    _bias(
        "no_bias",
        "",
        "The bias is missing: forward computes the product of x and W only.",
        "Without b every line goes through the origin.",
        "Look at the formula: what comes after the product?",
        loses="bias gradients_flow",
    ),
    _bias(
        "bias_twice",
        " + 2 * self.b",
        "The bias is added twice.",
        "Each row of the prediction gets b once.",
        "Look at where self.b occurs in forward.",
        loses="bias",
    ),
    _bias(
        "bias_subtracted",
        " - self.b",
        "The bias is subtracted.",
        "In the formula it is added.",
        "Look at the sign before self.b.",
        loses="bias",
    ),
    _bias(
        "bias_multiplied",
        " * self.b",
        "The product is multiplied by the bias.",
        "In the formula b is added to every row.",
        "Look at the operator before self.b.",
        loses="product bias gradients_flow",
    ),
    _bias(
        "bias_averaged",
        " + self.b.mean()",
        "Every output gets the same bias, the mean of b.",
        "b has one number for each output, and each output gets its own.",
        "Add b as it is: PyTorch adds it to every row.",
        loses="bias",
    ),
    _bias(
        "bias_as_a_column",
        " + self.b[:, None]",
        "The bias is added along the rows, not along the outputs.",
        "b has shape (n_out,), one number for each column of the prediction.",
        "Add b as it is: PyTorch adds it to every row.",
        loses=EVERY_FORWARD,
    ),
    _bias(
        "bias_cut_off",
        " + self.b.detach()",
        "No gradient flows back to b, while the prediction is right.",
        ".detach(), .data, .item() or a new torch.tensor(...) cuts b off from what is recorded.",
        "Use self.b itself.",
        loses="gradients_flow",
    ),
    _product(
        "elementwise",
        "x * self.w",
        "x and w are multiplied element by element.",
        "A linear model needs the matrix product: each row of x times each column of W. With one "
        "feature the two look alike.",
        "Look at the operator between x and self.w.",
        loses=EVERY_FORWARD,
    ),
    _product(
        "transposed",
        "x @ self.w.T",
        "x is multiplied by the transposed W.",
        "W has shape (n_in, n_out), so x of shape (n, n_in) fits it as it is. (torch.nn.Linear "
        "stores its weight the other way round.)",
        "Look at the shape of self.w.",
        loses=EVERY_FORWARD,
    ),
    _product(
        "reversed",
        "self.w @ x",
        "The factors of the matrix product are in the wrong order: W times x.",
        "(n, n_in) times (n_in, n_out) gives (n, n_out); the other way round does not fit.",
        "Look at the order of x and self.w.",
        loses=f"{EVERY_FORWARD} {EVERY_CONVERGENCE}",
    ),
    _product(
        "x_transposed",
        "x.T @ self.w",
        "x is transposed before it is multiplied by W.",
        "x of shape (n, n_in) fits W of shape (n_in, n_out) as it is.",
        "Print the shapes of both factors.",
        loses=f"{EVERY_FORWARD} {EVERY_CONVERGENCE}",
    ),
    _product(
        "dot_product",
        "x.dot(self.w)",
        "x and W are multiplied by dot, which in PyTorch is for vectors only.",
        "Both are matrices; in NumPy, dot multiplies matrices too.",
        "Look for the operator of the matrix product.",
        loses=f"{EVERY_FORWARD} {EVERY_CONVERGENCE}",
    ),
    _product(
        "averaged_over_features",
        "x @ self.w / x.shape[1]",
        "The product is divided by the number of features.",
        "The matrix product adds up over the features; nothing is averaged.",
        "Look at what happens to the product.",
        loses="product",
    ),
    _product(
        "averaged_over_rows",
        "x @ self.w / len(x)",
        "The product is divided by the number of rows.",
        "Each row has its own prediction, however many rows there are.",
        "Look at what happens to the product.",
        loses="product",
    ),
    _product(
        "product_doubled",
        "2 * x @ self.w",
        "The product of x and W is doubled.",
        "The formula has no factor before it. The model then learns a w of half the size.",
        "Look at what happens to the product.",
        loses="product",
    ),
    _product(
        "first_feature_only",
        "x[:, :1] @ self.w[:1]",
        "Only the first feature is used.",
        "Every column of x belongs in the product.",
        "Look for an index on x or self.w.",
        loses="product",
    ),
    _product(
        "weights_cut_off",
        "x @ self.w.detach()",
        "No gradient flows back to w, while the prediction is right.",
        ".detach(), .data, .item() or a new torch.tensor(...) cuts w off from what is recorded.",
        "Use self.w itself.",
        loses="gradients_flow",
    ),
    _forward(
        "relu",
        "return torch.relu(x @ self.w + self.b)",
        "Negative predictions come out as zero: there is a ReLU at the end.",
        "A linear model has no activation; it must be able to predict negative numbers.",
        "Return what the formula says.",
        loses="product bias gradients_flow",
    ),
    _forward(
        "sigmoid",
        "return torch.sigmoid(x @ self.w + self.b)",
        "All predictions lie between 0 and 1: there is a sigmoid at the end.",
        "A linear model has no activation; that is for classification.",
        "Return what the formula says.",
        loses="product bias gradients_flow",
    ),
    _forward(
        "tanh",
        "return torch.tanh(x @ self.w + self.b)",
        "All predictions lie between -1 and 1: there is a tanh at the end.",
        "A linear model has no activation.",
        "Return what the formula says.",
        loses="product bias gradients_flow",
    ),
    _forward(
        "softmax",
        "return torch.softmax(x @ self.w + self.b, dim=1)",
        "The predictions of each row add up to 1: there is a softmax at the end.",
        "A linear model has no activation; that is for classification.",
        "Return what the formula says.",
        loses=f"product bias gradients_flow {EVERY_CONVERGENCE}",
    ),
    _forward(
        "squeezed",
        "return (x @ self.w + self.b).squeeze()",
        "The prediction loses its dimensions of size one.",
        "With one row or one output the result is still a table, (1, n_out) or (n, 1). Code that "
        "uses forward relies on it.",
        "Look for .squeeze() in forward; it belongs where the prediction is compared with y.",
        loses="shape",
    ),
    _forward(
        "flattened",
        "return (x @ self.w + self.b).flatten()",
        "The prediction comes out as one long row of numbers.",
        "It should be a table of shape (n, n_out).",
        "Look for .flatten(), .view(-1) or .reshape(-1) in forward.",
        loses="shape",
    ),
    _forward(
        "outputs_added_up",
        "return (x @ self.w + self.b).sum(1, keepdim=True)",
        "The outputs of each row are added up to one.",
        "The prediction has one column for each output.",
        "Look for a sum that does not belong to the formula.",
        loses=EVERY_FORWARD,
    ),
    _forward(
        "detached",
        "return (x @ self.w + self.b).detach()",
        "The prediction is right, but it is cut off from w and b at the end.",
        ".detach() or .data makes a copy through which no gradient flows back, so nothing can be "
        "learned.",
        "Return what was computed as it is.",
        loses="gradients_flow",
    ),
    Misconception(
        "not_recorded",
        "forward",
        (
            ((PREDICTION, "with torch.no_grad():\n            return x @ self.w + self.b"),),
            ((PREDICTION, "return x @ self.w.data + self.b.data"),),
        ),
        "The prediction is right, but PyTorch did not record how it was computed.",
        "Under torch.no_grad(), or with .data and .detach(), no gradient can flow back to w and "
        "b. torch.no_grad() belongs around the update in `step`, not here.",
        "Compute the prediction with self.w and self.b themselves, outside torch.no_grad().",
        loses="gradients_flow",
    ),
    _forward(
        "double_precision",
        "return (x @ self.w + self.b).double()",
        "The prediction has dtype float64.",
        "The data and the parameters are float32, and the prediction should be too.",
        "Look for .double() or torch.float64.",
        loses="shape",
    ),
    _forward(
        "numpy_result",
        "return (x @ self.w + self.b).detach().numpy()",
        "The prediction is a NumPy array.",
        "It must be a tensor, or no gradient can flow back to w and b.",
        "Look for .numpy() in forward.",
        loses=EVERY_FORWARD,
    ),
    _forward(
        "prediction_not_returned",
        "x @ self.w + self.b",
        "forward returns nothing.",
        "What a function computes, prints or stores is lost to its caller unless it is returned.",
        "Add a `return` line.",
        loses=f"{EVERY_FORWARD} {EVERY_CONVERGENCE}",
    ),
)

STEP = (
    # the loss
    _step(
        "broadcasting",
        ".squeeze(1)",
        "",
        "Each prediction is compared with every target, not with its own.",
        "The prediction has shape (n, 1) and y has shape (n,): their difference broadcasts to "
        "n × n numbers. With 1500 points that is 1500 × 1500.",
        "Print the shape of the difference, and bring both to the same shape first.",
        loses=f"target_row_by_row {EVERY_FIT}",
    ),
    _step(
        "sum_for_mean",
        ".mean()",
        ".sum()",
        "The squared errors are added up, not averaged.",
        "The gradient then grows with the number of rows, and with many rows the steps become so "
        "long that they overshoot.",
        "Look at the formula of the loss: what comes before the sum?",
        loses=f"mean_of_all_rows loss {EVERY_CONVERGENCE}",
    ),
    _step(
        "half",
        f"loss = {SQUARE}",
        f"loss = 0.5 * {SQUARE}",
        "The loss is half the mean squared error, and each step is half as long.",
        "Some books put a ½ before the sum; this assignment does not.",
        "Look for a factor before the mean.",
        loses=f"{LENGTH} {EVERY_FIT}",
    ),
    _step(
        "root",
        ".mean()\n",
        ".mean().sqrt()\n",
        "The loss is the root of the mean squared error.",
        "Its gradient does not have the same length as that of the mean squared error.",
        "Look for a square root that is not in the formula.",
        loses=f"{LENGTH} mean_of_all_rows target_row_by_row loss {EVERY_FIT}",
    ),
    _step(
        "absolute",
        f"{SQUARE}",
        f"{ERROR}.abs()",
        "The loss is the mean absolute error.",
        "Every point then pulls with the same strength, however far away it is.",
        "The formula squares each error.",
        loses=f"{LENGTH} {EVERY_FIT}",
    ),
    _step(
        "not_squared",
        f"{SQUARE}",
        f"{ERROR}",
        "The errors are averaged without being squared.",
        "Positive and negative errors then cancel, and the smallest loss is minus infinity.",
        "The formula squares each error before the mean is taken.",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "squared_after_the_mean",
        f"{SQUARE}.mean()",
        f"{ERROR}.mean() ** 2",
        "The errors are averaged first and then squared, not the other way round.",
        "Positive and negative errors cancel before they are squared.",
        "Look at the order of square and mean.",
        loses=f"mean_of_all_rows loss {EVERY_CONVERGENCE}",
    ),
    _step(
        "first_half_of_the_data",
        f"{ERROR}",
        "(model.forward(X[: len(X) // 2 + len(X) % 2]).squeeze(1) - y[: len(y) // 2 + len(y) % 2])",
        "Only the first half of the rows is used.",
        "A step takes the mean over all the data.",
        "Look for a slice of X and y.",
        loses="mean_of_all_rows loss learned_bias",
    ),
    _step(
        "first_row_only",
        f"{ERROR}",
        "(model.forward(X[:1]).squeeze(1) - y[:1])",
        "Only the first row is used.",
        "A step takes the mean over all the data.",
        "Look for an index or a slice of X and y.",
        loses=f"mean_of_all_rows loss {EVERY_CONVERGENCE}",
    ),
    _step(
        "first_hundred_rows",
        f"{ERROR}",
        "(model.forward(X[:100]).squeeze(1) - y[:100])",
        "Only the first rows are used, if there are many.",
        "A step takes the mean over all the data.",
        "Look for a slice of X and y, or a range with a fixed end.",
        loses="mean_of_all_rows loss learned_bias",
    ),
    _step(
        "last_row_left_out",
        f"{ERROR}",
        "(model.forward(X[: max(1, len(X) - 1)]).squeeze(1) - y[: max(1, len(y) - 1)])",
        "The last row is left out.",
        "A step takes the mean over all the data; a slice `[:-1]` stops before the last row.",
        "Look for a slice or a range that ends too early.",
        loses="mean_of_all_rows loss",
    ),
    _step(
        "penalty_on_the_weights",
        f"{SQUARE}.mean()",
        f"{SQUARE}.mean() + 0.05 * (model.params[0] ** 2).sum()",
        "A penalty on w is added to the loss.",
        "That is ridge regression, which keeps w closer to zero than the data say.",
        "Look at what is added to the mean of the squared errors.",
        loses="weight_is_updated target_row_by_row loss_before_the_update learned_coefficient",
    ),
    _step(
        "targets_averaged",
        ".squeeze(1) - y)",
        ".squeeze(1) - y.mean())",
        "Every prediction is compared with the mean of the targets.",
        "The model then learns the mean of y, not how y depends on x.",
        "Compare each prediction with its own target.",
        loses=f"target_row_by_row {EVERY_FIT}",
    ),
    # going backward
    _step(
        "backward_twice",
        BACK,
        "    loss.backward(retain_graph=True)\n    loss.backward()\n",
        "backward() runs twice in each step, and every step is twice as long as it should be.",
        "Each backward() adds its gradients to the existing ones.",
        "Call backward() once in a step.",
        loses="bias_is_updated",
    ),
    _step(
        "prediction_detached",
        "model.forward(X)",
        "model.forward(X).detach()",
        "backward() finds nothing to go back through: the loss is cut off from w and b.",
        "After .detach(), .data, .item(), .numpy() or a new torch.tensor(...) no gradient flows "
        "back to the model.",
        "Look at what happens between model.forward(X) and backward().",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "all_under_no_grad",
        "def step",
        "@torch.no_grad()\ndef step",
        "The prediction is computed under torch.no_grad(), so backward() has nothing to go back "
        "through.",
        "torch.no_grad() stops the recording that backward() needs.",
        "Only the update belongs under torch.no_grad(), not the loss.",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    Misconception(
        "no_gradient_there",
        "step",
        (
            ((BACK, ""),),
            (
                (
                    BACK,
                    f"    loss = torch.tensor(loss.item(), requires_grad=True)\n{BACK}",
                ),
            ),
        ),
        "A gradient is None when it is used for the update.",
        "It exists only after backward() has run on a loss that was computed from w and b; a new "
        "torch.tensor(...) of the loss is cut off from them.",
        "Check that backward() is called, and what it is called on.",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "loss_with_several_elements",
        f"{SQUARE}.mean()",
        SQUARE,
        "backward() is called on many numbers at once: the loss has one for each row.",
        "The loss must be one number.",
        "Look at the formula of the loss: what is done with the squared errors?",
        loses=f"mean_of_all_rows target_row_by_row loss {EVERY_CONVERGENCE}",
    ),
    Misconception(
        "backward_result_used",
        "step",
        (
            ((f".mean()\n{BACK}", ".mean().backward()\n"),),
            ((BACK, "    gradient = loss.backward()\n"), (UPDATE, "p -= lr * gradient")),
        ),
        "The return value of backward() is used, and it is None.",
        "backward() leaves the gradients in the parameters; it does not return them, nor the loss.",
        "Look at what is to the left of the call to backward().",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "backward_on_a_number",
        BACK,
        "    loss.item().backward()\n",
        "backward() is called on a plain number, not on a tensor.",
        ".item() and float() return a number without a record of how it was computed.",
        "Call backward() on the loss itself.",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "gradient_summed",
        BACK,
        "    (loss * len(y)).backward()\n",
        "The returned loss is a mean, but the gradient is that of a sum over the rows.",
        "With many rows the steps become so long that they overshoot.",
        "Look at how the gradient is computed from the squared errors: what is it divided by?",
        loses=f"mean_of_all_rows {EVERY_CONVERGENCE}",
    ),
    _step(
        "gradient_without_x",
        UPDATE,
        "p -= lr * model.b.grad",
        "w moves by the gradient of b.",
        "In dL/dw each error is multiplied by its x; in dL/db it is not.",
        "Look at the gradient that w is updated with.",
        loses=f"weight_is_updated {EVERY_CONVERGENCE}",
    ),
    # the update
    _step(
        "update_recorded",
        NO_GRAD,
        "    if True:\n",
        "The update changes a parameter in place while PyTorch records operations on it.",
        "The update is not part of the model; PyTorch refuses to record it.",
        "Put the update under torch.no_grad().",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "ascent",
        UPDATE,
        "p += lr * p.grad",
        "Each step goes up the gradient, not down: the loss grows.",
        "The gradient points in the direction in which the loss grows.",
        "Look at the sign in the update.",
        loses=f"bias_is_updated {EVERY_CONVERGENCE}",
    ),
    Misconception(
        "loss_for_gradient",
        "step",
        (
            ((UPDATE, "p -= lr * loss"),),
            ((BACK, ""), (UPDATES, "            p -= lr * loss\n")),
        ),
        "Each parameter moves by lr times the loss, not by lr times its gradient.",
        "The loss is never negative, so that the parameters move in one direction for ever. The "
        "gradient says for each of them which way the loss falls.",
        "Look at what lr is multiplied with in the update.",
        loses=f"{EVERY_UPDATE} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "no_learning_rate",
        UPDATE,
        "p -= p.grad",
        "Each step is as long as the gradient itself: the learning rate is missing.",
        "Without it the steps are too long and overshoot.",
        "Look at the update: where does lr come in?",
        loses=f"bias_is_updated learning_rate {EVERY_CONVERGENCE}",
    ),
    _step(
        "learning_rate_fixed",
        UPDATE,
        "p -= 0.1 * p.grad",
        "Each step is taken with a learning rate of 0.1, whatever lr says.",
        "With lr=0.1 that looks right; a caller who asks for another one does not get it.",
        "Use the argument lr in the update.",
        loses="learning_rate",
    ),
    Misconception(
        "own_learning_rate",
        "step",
        (((UPDATE, "p -= 0.01 * p.grad"),), ((UPDATE, "p -= 0.001 * p.grad"),)),
        "Each step is taken with a small learning rate of its own, whatever lr says.",
        "The caller chooses the learning rate, 0.1 if none is given.",
        "Use the argument lr in the update.",
        loses=f"bias_is_updated learning_rate {EVERY_FIT}",
    ),
    _step(
        "learning_rate_doubled",
        UPDATE,
        "p -= 2 * lr * p.grad",
        "Each step is twice as long as lr says.",
        "The 2 of the derivative is already in the gradient: autograd took care of it.",
        "Look for a factor in the update.",
        loses="bias_is_updated",
    ),
    _step(
        "learning_rate_halved",
        UPDATE,
        "p -= lr / 2 * p.grad",
        "Each step is half as long as lr says, while the loss is right.",
        "The gradient that autograd finds needs no further factor.",
        "Look for a factor in the update.",
        loses=f"bias_is_updated {EVERY_FIT}",
    ),
    _step(
        "learning_rate_over_rows",
        UPDATE,
        "p -= lr / len(X) * p.grad",
        "Each step is shorter the more rows there are: the gradient is divided by their number.",
        "The mean in the loss already divides by it.",
        "Look for a division in the update.",
        loses=f"mean_of_all_rows {EVERY_FIT}",
    ),
    _step(
        "learning_rate_squared",
        UPDATE,
        "p -= lr * lr * p.grad",
        "The learning rate is used twice in each step.",
        "The update multiplies the gradient by lr once.",
        "Look at where lr occurs.",
        loses=f"bias_is_updated learning_rate {EVERY_FIT}",
    ),
    _step(
        "sign_of_the_gradient",
        UPDATE,
        "p -= lr * p.grad.sign()",
        "Every step moves each parameter by lr, however large its gradient is.",
        "That is what the sign of the gradient gives, or Adam's first step. Gradient descent "
        "goes further where the gradient is larger.",
        "Use the gradient itself (torch.optim.SGD if you use an optimizer).",
        loses=f"weight_is_updated bias_is_updated mean_of_all_rows {EVERY_CONVERGENCE}",
    ),
    _step(
        "only_w",
        PARAMS,
        "in model.params[:1]",
        "Only w is updated; b stays where it is.",
        "Every tensor in model.params has a gradient and must move.",
        "Look at the loop over the parameters.",
        loses=f"bias_is_updated {EVERY_FIT}",
    ),
    _step(
        "only_b",
        PARAMS,
        "in model.params[1:]",
        "Only b is updated; w stays where it is.",
        "Every tensor in model.params has a gradient and must move.",
        "Look at the loop over the parameters.",
        loses=f"weight_is_updated {EVERY_FIT}",
    ),
    _step(
        "default_learning_rate",
        "lr=0.1",
        "lr=0.01",
        "When no lr is given, the step is not as long as with lr=0.1.",
        "The default in the `def` line belongs to the task.",
        "Look at the `def` line of step.",
        loses="learning_rate",
    ),
    _step(
        "lr_not_taken",
        "model, lr=0.1):\n",
        "model):\n    lr = 0.1\n",
        "step does not take the argument lr.",
        "It is called as step(X, y, model, lr=...), with different learning rates.",
        "Keep the `def` line of the assignment.",
        loses="learning_rate",
    ),
    _step(
        "lr_without_default",
        "lr=0.1",
        "lr",
        "step cannot be called without lr.",
        "It is also called as step(X, y, model), which means lr=0.1.",
        "Keep the `def` line of the assignment.",
        loses="learning_rate",
    ),
    Misconception(
        "rebinding",
        "step",
        (
            ((UPDATES, "            p = p - lr * p.grad\n"),),
            ((UPDATES, "            pass\n"),),
        ),
        "The parameters do not change: the model stays where it is.",
        "`p = p - ...` makes a new tensor and calls it p; the one in model.params does not "
        "change. (The same happens when the update is missing.)",
        "Change the tensor itself, in place.",
        loses=f"{EVERY_UPDATE} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "rebinding_then_zeroing",
        UPDATE,
        "p = p - lr * p.grad",
        "After the update p has no gradient to set to zero: p is another tensor than before.",
        "`p = p - ...` makes a new tensor and calls it p; the one in model.params does not change.",
        "Change the tensor itself, in place.",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "attributes_replaced",
        f"        for p {PARAMS}:\n{UPDATES}",
        "        model.w = model.w - lr * model.w.grad\n"
        "        model.b = model.b - lr * model.b.grad\n",
        "model.w and model.b are replaced by new tensors in the step.",
        "The new ones are not in model.params and keep no gradient, so the next step fails.",
        "Change the tensors in model.params themselves, in place.",
        loses=f"steps_in_a_row in_place {EVERY_CONVERGENCE}",
    ),
    _step(
        "parameters_replaced",
        f"        for p {PARAMS}:\n{UPDATES}",
        "        model.w = (model.w - lr * model.w.grad).requires_grad_()\n"
        "        model.b = (model.b - lr * model.b.grad).requires_grad_()\n"
        "        model.params = [model.w, model.b]\n",
        "The model is right after a step, but its tensors are new ones.",
        "An optimizer or a plot that still refers to the old ones does not see any change.",
        "Change the tensors in model.params themselves, in place.",
        loses="in_place",
    ),
    Misconception(
        "optimizer_of_another_model",
        "step",
        (
            (
                ("def step", "optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)\n\ndef step"),
                (f"{NO_GRAD}        for p {PARAMS}:\n{UPDATES}", OPTIMIZED),
            ),
            (
                ("def step", "optimizer = None\n\ndef step"),
                (LOSS, f"{MAKE_ONCE}{LOSS}"),
                (f"{NO_GRAD}        for p {PARAMS}:\n{UPDATES}", OPTIMIZED),
            ),
        ),
        "The optimizer updates the parameters of another model, not those of the model that step "
        "was called with.",
        "It is made once and kept outside of step, with the parameters of the first model. step is "
        "called with several models.",
        "Make the optimizer in step, from the model that it is given.",
        loses=f"{EVERY_UPDATE} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    # what is left behind
    _step(
        "gradients_add_up",
        CLEAR,
        "",
        "The first step is right, but from the second on, each step also includes the gradients of "
        "earlier steps.",
        "backward() adds to .grad; it does not start over.",
        "Set the gradients to zero, once in each step.",
        loses=f"steps_in_a_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "zeroed_before_the_update",
        UPDATES,
        "            p.grad.zero_()\n            p -= lr * p.grad\n",
        "The gradients are set to zero before they are used, so nothing moves.",
        "The update needs the gradients that backward() has just found.",
        "Look at the order: backward, update, zero.",
        loses=f"{EVERY_UPDATE} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    Misconception(
        "removed_before_the_update",
        "step",
        (
            ((BACK, f"{BACK}    for p in model.params:\n        p.grad = None\n"),),
            ((UPDATES, "            p.grad = None\n            p -= lr * p.grad\n"),),
        ),
        "The gradients are set to None before they are used.",
        "The update needs the gradients that backward() has just found. (zero_grad() sets them to "
        "None, too.)",
        "Look at the order: backward, update, zero.",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "only_last_zeroed",
        CLEAR,
        "        p.grad.zero_()\n",
        "Only the gradient of b is set to zero; that of w adds up from step to step.",
        "After the loop, p is the last parameter only.",
        "Look at the indentation of the line that sets the gradient to zero.",
        loses=f"steps_in_a_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "only_w_zeroed",
        CLEAR,
        "        model.params[0].grad.zero_()\n",
        "Only the gradient of w is set to zero; that of b adds up from step to step.",
        "Every parameter has a gradient of its own.",
        "Set the gradient of every tensor in model.params to zero.",
        loses=f"steps_in_a_row {EVERY_CONVERGENCE}",
    ),
    Misconception(
        "momentum",
        "step",
        tuple(
            ((f"{NO_GRAD}        for p {PARAMS}:\n{UPDATES}", with_momentum(setting)),)
            for setting in ("    model.optimizer.param_groups[0]['lr'] = lr\n", "")
        ),
        "The first step is right, but each further one goes on with most of the step before.",
        "That is momentum. The task is gradient descent without it.",
        "Look for momentum or a velocity that is kept from step to step.",
        loses=f"steps_in_a_row {EVERY_CONVERGENCE}",
    ),
    Misconception(
        "zeroed_before_there_is_one",
        "step",
        (
            ((LOSS, f"{ZERO_FIRST}{LOSS}"),),
            ((BACK, f"{ZERO_FIRST}{BACK}"),),
        ),
        "The gradients are set to zero before the first backward(), when they are still None.",
        "A tensor has no gradient until backward() has run once.",
        "Set them to zero after the update, or first check that they exist.",
        loses=f"{EVERY_UPDATE} {EVERY_LOSS} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    # what is returned
    _step(
        "loss_not_returned",
        f"    {RETURN_LOSS}\n",
        "",
        "The model learns, but step returns None.",
        "What a function computes or prints is lost to its caller unless it is returned, and "
        "backward() itself returns nothing.",
        "Look at the `return` line: is there one, and does it name the loss?",
        loses=EVERY_LOSS,
    ),
    _step(
        "loss_after_the_update",
        RETURN_LOSS,
        f"return {SQUARE}.mean().item()",
        "The loss that is returned is the one after the update.",
        "The task asks for the loss from which the step was computed.",
        "Return the loss you called backward() on.",
        loses="loss_before_the_update",
    ),
    _step(
        "prediction_returned",
        RETURN_LOSS,
        "return model.forward(X)",
        "step returns the prediction.",
        "The task asks for the loss, one number.",
        "Look at the `return` line.",
        loses=EVERY_LOSS,
    ),
    _step(
        "model_returned",
        RETURN_LOSS,
        "return model",
        "step returns the model.",
        "The model has changed in place already; the task asks for the loss.",
        "Look at the `return` line.",
        loses=EVERY_LOSS,
    ),
    _step(
        "item_not_called",
        RETURN_LOSS,
        "return loss.item",
        "step returns the method `item` itself, not the number it gives.",
        "A method is called only when parentheses follow its name.",
        "Look at the `return` line.",
        loses=EVERY_LOSS,
    ),
    _step(
        "summed_loss_returned",
        RETURN_LOSS,
        "return loss.item() * len(y)",
        "The step is right, but the loss that is returned is the sum over all rows.",
        "The task asks for the mean squared error.",
        "Look at what happens to the loss before it is returned.",
        loses="loss",
    ),
    _step(
        "root_of_loss_returned",
        RETURN_LOSS,
        "return loss.item() ** 0.5",
        "The step is right, but what is returned is the root of the loss.",
        "The task asks for the mean squared error.",
        "Look at what happens to the loss before it is returned.",
        loses=EVERY_LOSS,
    ),
    _step(
        "zero_returned",
        RETURN_LOSS,
        "return 0.0",
        "The step is right, but what is returned is always zero.",
        "The task asks for the loss from which the step was computed.",
        "Look at the `return` line.",
        loses=EVERY_LOSS,
    ),
    _step(
        "loss_as_text",
        RETURN_LOSS,
        "return f'{loss.item():.4f}'",
        "The loss is returned as text.",
        "The task asks for a number, to compute with.",
        "Leave the formatting to the code that prints it.",
        loses=EVERY_LOSS,
    ),
    # something else altogether
    _step(
        "learned_values_written_down",
        BODY,
        f"    loss = {SQUARE}.mean()\n{NO_GRAD}        model.w.fill_(0.46772)\n"
        "        model.b.fill_(1.99827)\n    return loss.item()\n",
        "step sets w and b to the numbers that thirty steps learn in the notebook.",
        "They are right for that data only.",
        "Compute the step from X, y and the gradients.",
        loses=f"{EVERY_UPDATE} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "solved_at_once",
        BODY,
        f"    loss = {SQUARE}.mean()\n"
        "    ones = torch.cat([X, torch.ones(len(X), 1)], dim=1)\n"
        "    best = torch.linalg.lstsq(ones, y[:, None]).solution\n"
        f"{NO_GRAD}        model.w.copy_(best[:-1])\n        model.b.copy_(best[-1])\n"
        "    return loss.item()\n",
        "step jumps to the best line at once.",
        "The task is one small step of gradient descent, by lr times the gradient.",
        "Let backward() find the gradient and move by it.",
        loses=f"{EVERY_UPDATE} target_row_by_row {EVERY_CONVERGENCE}",
    ),
    _step(
        "two_steps_in_one",
        BODY,
        several_steps(2),
        "step takes two steps at once.",
        "The loop over the steps is in the notebook; step takes one.",
        "Look for a loop around the whole step.",
        loses="bias_is_updated mean_of_all_rows learning_rate loss_before_the_update",
    ),
    Misconception(
        "whole_training_in_one",
        "step",
        tuple(((BODY, several_steps(count)),) for count in (30, 100)),
        "step trains to the end at once.",
        "The loop over the steps is in the notebook; step takes one.",
        "Look for a loop around the whole step.",
        loses="bias_is_updated mean_of_all_rows learning_rate loss_before_the_update loss_falls",
    ),
)

MISCONCEPTIONS = (*GRADIENTS, *FORWARD, *STEP)
