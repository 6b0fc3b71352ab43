"""Right and wrong answers to `mlp_classifier`."""

from tests.corpus.level2 import answers

CELLS = ("MLP", "train", "accuracy")

RIGHT = answers(
    """
    # old_super_and_f_relu:
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super(MLP, self).__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = self.hidden(x)
            x = F.relu(x)
            x = self.out(x)
            return x

    # relu_module:
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.out = nn.Linear(n_hidden, n_out)
            self.relu = nn.ReLU()
            self.hidden = nn.Linear(n_in, n_hidden)

        def forward(self, x):
            return self.out(self.relu(self.hidden(x)))

    # flattens_and_initializes:
    class MLP(nn.Module):
        def __init__(self, n_in: int = 64, n_hidden: int = 64, n_out: int = 10) -> None:
            super().__init__()
            self.n_in = n_in
            self.hidden = nn.Linear(n_in, n_hidden, bias=True)
            self.out = nn.Linear(in_features=n_hidden, out_features=n_out)
            nn.init.kaiming_normal_(self.hidden.weight, nonlinearity="relu")
            nn.init.zeros_(self.hidden.bias)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = x.view(-1, self.n_in)
            return self.out(self.hidden(x).clamp(min=0))

    # sgd_with_criterion:
    def train(model, loader, epochs):
        criterion = nn.CrossEntropyLoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        losses = []
        for epoch in range(epochs):
            running_loss = 0.0
            n = 0
            for inputs, labels in loader:
                optimizer.zero_grad()
                outputs = model(inputs)
                loss = criterion(outputs, labels)
                loss.backward()
                optimizer.step()
                running_loss += loss.item() * inputs.size(0)
                n += inputs.size(0)
            losses.append(running_loss / n)
            print(f"Epoch {epoch + 1}/{epochs}: loss {losses[-1]:.4f}")
        return losses

    # momentum:
    from torch import optim

    def train(model, loader, epochs):
        opt = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        history = []
        model.train()
        for _ in range(epochs):
            total, count = 0, 0
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb, reduction="sum")
                opt.zero_grad()
                (loss / len(xb)).backward()
                opt.step()
                total += loss.item()
                count += len(xb)
            history.append(total / count)
        return history

    # adam_slow:
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        loss_fn = nn.CrossEntropyLoss(reduction="none")
        losses = []
        for epoch in range(epochs):
            rows = []
            for x, y in loader:
                each = loss_fn(model(x), y)
                optimizer.zero_grad()
                each.mean().backward()
                optimizer.step()
                rows.append(each.detach())
            losses.append(torch.cat(rows).mean())
        return losses

    # adamw_and_decay:
    def train(model, loader, epochs):
        optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
        losses = []
        for _ in range(epochs):
            total = torch.tensor(0.0)
            for x, y in loader:
                loss = F.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                total += loss.detach() * y.shape[0]
            losses.append((total / len(loader.dataset)).item())
        return losses

    # l2_as_weight_decay:
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001, weight_decay=1e-4)
        losses = []
        for _ in range(epochs):
            total = 0
            for x, y in loader:
                optimizer.zero_grad(set_to_none=False)
                loss = F.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(y)
            losses += [total / len(loader.dataset)]
        return losses

    # by_hand:
    def train(model, loader, epochs):
        lr = 0.1
        losses = []
        for _ in range(epochs):
            total, seen = 0.0, 0
            for x, y in loader:
                log_p = F.log_softmax(model(x), dim=1)
                loss = -log_p[torch.arange(len(y)), y].mean()
                for p in model.parameters():
                    p.grad = None
                loss.backward()
                with torch.no_grad():
                    for p in model.parameters():
                        p -= lr * p.grad
                total += float(loss) * len(y)
                seen += len(y)
            losses.append(total / seen)
        return losses

    # scheduler_and_clipping:
    def train(model, loader, epochs):
        optimizer = torch.optim.RMSprop(model.parameters(), lr=0.005)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=20, gamma=0.5)
        losses = []
        for _ in range(epochs):
            sums = []
            for x, y in loader:
                optimizer.zero_grad()
                loss = nn.functional.nll_loss(torch.log_softmax(model(x), -1), y)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                sums.append((loss.item(), len(x)))
            scheduler.step()
            losses.append(sum(l * n for l, n in sums) / sum(n for _, n in sums))
        return losses

    # numpy_average:
    import numpy as np

    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters())
        result = []
        for _ in range(epochs):
            batch_losses, sizes = [], []
            for x, y in loader:
                model.zero_grad()
                loss = F.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
                batch_losses.append(loss.item())
                sizes.append(len(y))
            result.append(np.average(batch_losses, weights=sizes))
        return result

    # eval_and_count:
    def accuracy(model, X, y):
        model.eval()
        with torch.no_grad():
            logits = model(X)
            _, predicted = torch.max(logits, 1)
            correct = (predicted == y).sum().item()
        return correct / len(y)

    # softmax_first:
    @torch.no_grad()
    def accuracy(model, X, y):
        probabilities = torch.softmax(model(X), dim=1)
        return float((probabilities.argmax(1) == y).sum()) / y.size(0)

    # numpy_mean:
    def accuracy(model, X, y):
        predictions = model(X).detach().numpy().argmax(axis=1)
        return (predictions == y.numpy()).mean()

    # loop:
    def accuracy(model, X, y):
        right = 0
        for i in range(len(X)):
            if torch.argmax(model(X[i : i + 1])).item() == y[i].item():
                right += 1
        return right / len(X)

    # sklearn_accuracy:
    from sklearn.metrics import accuracy_score

    def accuracy(model, X, y):
        with torch.no_grad():
            return accuracy_score(y, model(X).argmax(dim=1))
    """,
    CELLS,
)

MODEL = """\
class MLP(nn.Module):
    def __init__(self, n_in=64, n_hidden=64, n_out=10):
        super().__init__()
        self.hidden = nn.Linear(n_in, n_hidden)
        self.out = nn.Linear(n_hidden, n_out)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))
"""
TRAIN = """\
def train(model, loader, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for x, y in loader:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += len(x) * loss.item()
        losses.append(total / len(loader.dataset))
    return losses
"""
ACCURACY = """\
def accuracy(model, X, y):
    with torch.no_grad():
        return (model(X).argmax(dim=1) == y).float().mean().item()
"""
MISTAKES = {
    # what a name says: the task, and the change
    "no_relu": (MODEL, "torch.relu(self.hidden(x))", "self.hidden(x)"),
    "sigmoid": (MODEL, "torch.relu", "torch.sigmoid"),
    "softmax_at_the_end": (MODEL, "self.out(torch.relu(self.hidden(x)))",
                           "torch.softmax(self.out(torch.relu(self.hidden(x))), dim=1)"),
    "relu_at_the_end": (MODEL, "self.out(torch.relu(self.hidden(x)))",
                        "torch.relu(self.out(torch.relu(self.hidden(x))))"),
    "other_names": (MODEL.replace("self.hidden", "self.fc1"), "self.out", "self.fc2"),
    "fixed_sizes": (MODEL, "nn.Linear(n_in, n_hidden)", "nn.Linear(64, 64)"),
    "other_default": (MODEL, "n_hidden=64", "n_hidden=32"),
    "dropout": (MODEL, "torch.relu(self.hidden(x))", "F.dropout(torch.relu(self.hidden(x)), 0.2, self.training)"),
    "no_super": (MODEL, "super().__init__()", "pass"),
    "no_bias": (MODEL, "nn.Linear(n_hidden, n_out)", "nn.Linear(n_hidden, n_out, bias=False)"),
    "sizes_swapped": (MODEL, "nn.Linear(n_in, n_hidden)", "nn.Linear(n_hidden, n_in)"),
    "no_return": (MODEL, "return self.out", "x = self.out"),
    "forward_misspelt": (MODEL, "def forward", "def foward"),
    "leaky_relu": (MODEL, "torch.relu(", "F.leaky_relu("),
    "zeros_at_the_start": (MODEL, "self.out = nn.Linear(n_hidden, n_out)",
                           "self.out = nn.Linear(n_hidden, n_out); nn.init.zeros_(self.hidden.weight)"),
    "cut_off": (MODEL, "torch.relu(self.hidden(x))", "torch.relu(self.hidden(x)).detach()"),
    "third_layer": (MODEL, "self.out = nn.Linear(n_hidden, n_out)",
                    "self.out = nn.Linear(n_hidden, n_out); self.more = nn.Linear(n_out, n_out)"),
    "last_layer_only": (TRAIN, "model.parameters()", "list(model.parameters())[-2:]"),
    "first_batch_only": (TRAIN, "loss.item()", "loss.item(); break"),
    "batch_size_for_rows": (TRAIN, "len(x) * ", "loader.batch_size * "),
    "integer_division": (ACCURACY, ".float().mean().item()", ".sum().item() // len(y)"),
    "softmax_over_rows": (ACCURACY, "model(X).argmax", "model(X).softmax(dim=0).argmax"),
    "no_zero_grad": (TRAIN, "optimizer.zero_grad()", "pass"),
    "zero_grad_once": (TRAIN.replace("            optimizer.zero_grad()\n", ""),
                       "losses = []", "losses = []; optimizer.zero_grad()"),
    "zero_grad_too_late": (TRAIN.replace("            optimizer.zero_grad()\n", ""),
                           "loss.backward()", "loss.backward(); optimizer.zero_grad()"),
    "no_step": (TRAIN, "optimizer.step()", "pass"),
    "no_backward": (TRAIN, "loss.backward()", "pass"),
    "goes_up": (TRAIN, "lr=0.01", "lr=0.01, maximize=True"),
    "mean_of_batches": (TRAIN.replace("len(x) * ", ""), "len(loader.dataset)", "len(loader)"),
    "sum_of_rows": (TRAIN, "total / len(loader.dataset)", "total"),
    "last_batch": (TRAIN, "total / len(loader.dataset)", "loss.item()"),
    "loss_of_each_batch": (TRAIN, "total += len(x) * loss.item()", "losses.append(loss.item())"),
    "mean_of_epochs": (TRAIN, "return losses", "return sum(losses) / len(losses)"),
    "total_not_reset": (TRAIN.replace("        total = 0.0\n", ""),
                        "losses = []", "losses = []; total = 0.0; "
                        "epochs_seen = 0\n    epochs = max(epochs, 1) + 1"),
    "one_epoch": (TRAIN, "    return losses", "        return losses"),
    "train_returns_nothing": (TRAIN, "return losses", "losses"),
    "softmax_before_the_loss": (TRAIN, "F.cross_entropy(model(x), y)",
                                "F.cross_entropy(model(x).softmax(1), y)"),
    "squared_error": (TRAIN, "F.cross_entropy(model(x), y)",
                      "((model(x).softmax(1) - F.one_hot(y, model(x).shape[1])) ** 2).mean()"),
    "tiny_steps": (TRAIN, "lr=0.01", "lr=1e-7"),
    "overflows": (TRAIN, "F.cross_entropy(model(x), y)",
                  "-(model(x).exp() / model(x).exp().sum(1, keepdim=True))"
                  "[torch.arange(len(y)), y].log().mean()"),
    "starts_afresh": (TRAIN, "    optimizer =",
                      "    for part in model.children():\n        part.reset_parameters()\n"
                      "    optimizer ="),
    "frozen": (ACCURACY, "    with torch.no_grad():\n", "    if model.requires_grad_(False):\n"),
    "classes_of_the_labels": (ACCURACY, "(model(X).argmax(dim=1) == y).float()",
                              "torch.eye(int(y.max()) + 1)[model(X).argmax(dim=1), y]"),
    "tensor_for_float": (ACCURACY, ".item()", ""),
    "percent": (ACCURACY, ".item()", ".item() * 100"),
    "count": (ACCURACY, ".mean()", ".sum()"),
    "smallest_logit": (ACCURACY, "argmax", "argmin"),
    "over_rows": (ACCURACY, "dim=1", "dim=0"),
    "each_row": (ACCURACY, ".float().mean().item()", ".float()"),
    "error_rate": (ACCURACY, "==", "!="),
    "mean_of_logits": (ACCURACY, ".argmax(dim=1) == y)", ".max(dim=1).values)"),
    "first_row": (ACCURACY, "(model(X)", "(model(X[:1])"),
}  # fmt: skip

WRONG = answers(
    "".join(
        f"# {name}: {next(t for t in ('MLP', 'train', 'accuracy') if f' {t}(' in source)}\n"
        f"{source.replace(old, new)}"
        for name, (source, old, new) in MISTAKES.items()
    ),
    CELLS,
)
