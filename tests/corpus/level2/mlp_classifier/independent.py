"""Answers to `mlp_classifier` of somebody who knew the notebook, and neither the tests nor the library.

The line after the name of a wrong answer says what is wrong with it.
"""

from tests.corpus.level2 import answers

CELLS = ("MLP", "train", "accuracy")

RIGHT = answers(
    '''
    # relu_module:
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super(MLP, self).__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.relu = nn.ReLU()
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = self.hidden(x)
            x = self.relu(x)
            x = self.out(x)
            return x

    # clamp_relu:
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            nn.Module.__init__(self)
            self.hidden = nn.Linear(in_features=n_in, out_features=n_hidden)
            self.out = nn.Linear(in_features=n_hidden, out_features=n_out)

        def forward(self, x):
            activation = self.hidden(x).clamp(min=0)
            return self.out(activation)

    # in_place_relu:
    class MLP(nn.Module):
        """64 -> 64 -> 10 by default."""

        def __init__(self, n_in: int = 64, n_hidden: int = 64, n_out: int = 10) -> None:
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = self.hidden(x)
            torch.relu_(h)
            logits = self.out(h)
            return logits

    # maximum_with_zeros:
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.out = nn.Linear(n_hidden, n_out)
            self.hidden = nn.Linear(n_in, n_hidden)

        def forward(self, x):
            h = self.hidden(x)
            h = torch.maximum(h, torch.zeros_like(h))
            return self.out(h)

    # flattening_forward:
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.n_in = n_in
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, images):
            flat = images.view(-1, self.n_in)
            return self.out(self.hidden(flat).relu())

    # kaiming_init:
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)
            nn.init.kaiming_uniform_(self.hidden.weight, nonlinearity="relu")
            nn.init.zeros_(self.hidden.bias)

        def forward(self, x):
            return self.out(torch.relu(self.hidden(x)))

    # functional_linear:
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            pre = x @ self.hidden.weight.T + self.hidden.bias
            post = pre * (pre > 0)
            return F.linear(post, self.out.weight, self.out.bias)

    # sgd_train:
    def train(model, loader, epochs):
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        criterion = nn.CrossEntropyLoss()
        history = []
        for epoch in range(epochs):
            running = 0.0
            seen = 0
            for inputs, targets in loader:
                opt.zero_grad()
                outputs = model(inputs)
                batch_loss = criterion(outputs, targets)
                batch_loss.backward()
                opt.step()
                running += batch_loss.item() * inputs.size(0)
                seen += inputs.size(0)
            history.append(running / seen)
        return history

    # momentum_train_mode:
    def train(model, loader, epochs):
        model.train()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
        result = []
        for _ in range(epochs):
            epoch_total = 0.0
            for x, y in loader:
                optimizer.zero_grad(set_to_none=True)
                l = F.cross_entropy(model(x), y)
                l.backward()
                optimizer.step()
                epoch_total += float(l) * y.shape[0]
            result.append(epoch_total / len(loader.dataset))
        return result

    # row_losses_concatenated:
    def train(model, loader, epochs):
        optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
        means = []
        for _ in range(epochs):
            rows = []
            for xb, yb in loader:
                row_losses = F.cross_entropy(model(xb), yb, reduction="none")
                optimizer.zero_grad()
                row_losses.mean().backward()
                optimizer.step()
                rows.append(row_losses.detach())
            means.append(torch.cat(rows).mean().item())
        return means

    # sum_reduction_reported:
    def train(model, loader, epochs):
        optimizer = torch.optim.RMSprop(model.parameters(), lr=0.002)
        summed = nn.CrossEntropyLoss(reduction="sum")
        losses = []
        for epoch in range(epochs):
            total = count = 0
            for xb, yb in loader:
                loss_sum = summed(model(xb), yb)
                optimizer.zero_grad()
                (loss_sum / len(yb)).backward()
                optimizer.step()
                total += loss_sum.item()
                count += len(yb)
            losses.append(total / count)
        return losses

    # nll_of_log_softmax:
    def train(model, loader, epochs):
        opt = torch.optim.Adam(model.parameters(), lr=3e-3)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                log_probs = F.log_softmax(model(xb), dim=1)
                loss = F.nll_loss(log_probs, yb)
                opt.zero_grad()
                loss.backward()
                opt.step()
                total += loss.item() * xb.shape[0]
                n += xb.shape[0]
            losses.append(total / n)
        return losses

    # cross_entropy_by_hand:
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                logits = model(xb)
                right = logits.gather(1, yb.unsqueeze(1)).squeeze(1)
                loss = (torch.logsumexp(logits, dim=1) - right).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                n += len(yb)
                total += len(yb) * loss.item()
            losses.append(total / n)
        return losses

    # manual_update:
    def train(model, loader, epochs):
        lr = 0.1
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb)
                model.zero_grad()
                loss.backward()
                with torch.no_grad():
                    for p in model.parameters():
                        p -= lr * p.grad
                total += loss.item() * len(yb)
                n += len(yb)
            losses.append(total / n)
        return losses

    # autograd_grad_update:
    def train(model, loader, epochs):
        params = list(model.parameters())
        out = []
        for epoch in range(epochs):
            sums, sizes = [], []
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb, reduction="sum")
                grads = torch.autograd.grad(loss / len(xb), params)
                for p, g in zip(params, grads):
                    p.data.sub_(0.1 * g)
                sums.append(loss.item())
                sizes.append(len(xb))
            out.append(sum(sums) / sum(sizes))
        return out

    # step_helper:
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

        def step(xb, yb):
            loss = F.cross_entropy(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.item() * len(xb), len(xb)

        losses = []
        for _ in range(epochs):
            totals, sizes = zip(*[step(xb, yb) for xb, yb in loader])
            losses.append(sum(totals) / sum(sizes))
        return losses

    # clipped_and_scheduled:
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.98)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 5.0)
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            scheduler.step()
            losses.append(total / n)
        return losses

    # zero_grad_after_step:
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        optimizer.zero_grad()
        losses = []
        for epoch in range(epochs):
            weighted = []
            for i, (features, labels) in enumerate(loader):
                loss = nn.functional.cross_entropy(model(features), labels)
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                weighted.append((loss.detach().item(), labels.numel()))
            n_rows = sum(size for _, size in weighted)
            losses.append(sum(value * size for value, size in weighted) / n_rows)
        return losses

    # running_mean:
    def train(model, loader, epochs):
        optimizer = torch.optim.Adagrad(model.parameters(), lr=0.05)
        losses = []
        for _ in range(epochs):
            mean, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                n += len(xb)
                mean += (loss.item() - mean) * len(xb) / n
            losses.append(mean)
        return losses

    # decorated_accuracy:
    @torch.no_grad()
    def accuracy(model, X, y):
        logits = model(X)
        _, predicted = torch.max(logits, 1)
        correct = (predicted == y).sum().item()
        return correct / y.size(0)

    # inference_mode_accuracy:
    def accuracy(model, X, y):
        with torch.inference_mode():
            hits = model(X).argmax(-1).eq(y)
            return hits.double().mean().item()

    # eval_and_back_accuracy:
    def accuracy(model, X, y):
        was_training = model.training
        model.eval()
        with torch.no_grad():
            probs = torch.softmax(model(X), dim=1)
        model.train(was_training)
        return float((probs.argmax(dim=1) == y).sum()) / len(y)

    # numpy_accuracy:
    def accuracy(model, X, y):
        with torch.no_grad():
            scores = model(X).numpy()
        return float((scores.argmax(axis=1) == y.numpy()).mean())

    # loop_accuracy:
    def accuracy(model, X, y):
        right = 0
        with torch.no_grad():
            for x_i, y_i in zip(X, y):
                guess = torch.argmax(model(x_i.unsqueeze(0)))
                if guess == y_i:
                    right += 1
        return right / len(X)

    # topk_accuracy:
    def accuracy(model, X, y):
        with torch.no_grad():
            best = model(X).topk(1, dim=1).indices.squeeze(1)
        return torch.count_nonzero(best == y).item() / best.numel()

    # batched_accuracy:
    def accuracy(model, X, y):
        correct = 0
        with torch.no_grad():
            for xb, yb in DataLoader(TensorDataset(X, y), batch_size=50):
                correct += (model(xb).argmax(1) == yb).sum().item()
        return correct / len(y)

    # sklearn_accuracy:
    def accuracy(model, X, y):
        from sklearn.metrics import accuracy_score
        with torch.no_grad():
            predicted = model(X).argmax(dim=1)
        return float(accuracy_score(y.tolist(), predicted.tolist()))

    # grad_switch_accuracy:
    def accuracy(model, X, y):
        with torch.set_grad_enabled(False):
            wrong = (model(X).max(dim=1)[1] != y).sum()
        return 1.0 - wrong.item() / y.shape[0]

    # accuracy_with_gradients:
    def accuracy(model, X, y):
        logits = model(X)
        hits = logits.argmax(dim=1) == y
        return hits.float().mean().item()
    ''',
    CELLS,
)

WRONG = answers(
    """
    # mlp_no_relu: MLP: activation_forgotten
    # There is no activation between the layers, so the network is just linear.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = self.hidden(x)
            return self.out(x)

    # mlp_softmax_output: MLP: softmax_at_the_end
    # forward returns softmax probabilities rather than logits.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = F.relu(self.hidden(x))
            x = self.out(x)
            return F.softmax(x, dim=1)

    # mlp_log_softmax_output: MLP: log_softmax_at_the_end
    # forward returns log-probabilities (log softmax) rather than the raw logits.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.act = nn.ReLU()
            self.out = nn.Linear(n_hidden, n_out)
            self.logsoftmax = nn.LogSoftmax(dim=-1)

        def forward(self, x):
            return self.logsoftmax(self.out(self.act(self.hidden(x))))

    # mlp_relu_on_output: MLP: relu_at_the_end
    # A ReLU is applied to the output layer as well, so negative logits are cut to zero.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            for layer in (self.hidden, self.out):
                x = F.relu(layer(x))
            return x

    # mlp_sigmoid_activation: MLP: other_activation
    # The hidden activation is a sigmoid instead of ReLU.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            h = torch.sigmoid(self.hidden(x))
            return self.out(h)

    # mlp_leaky_relu: MLP: leaky_activation
    # Uses a leaky ReLU, which lets negative values through, instead of ReLU.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.activation = nn.LeakyReLU(0.1)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            return self.out(self.activation(self.hidden(x)))

    # mlp_relu_on_input: MLP: activation_before_the_layer
    # The ReLU is applied to the input before the hidden layer, not between the two layers.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = torch.relu(x)
            x = self.hidden(x)
            return self.out(x)

    # mlp_hard_coded_sizes: MLP: argument_ignored(n_hidden)
    # The hidden width is hard-coded to 64, so n_hidden is ignored.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, 64)
            self.out = nn.Linear(64, n_out)

        def forward(self, x):
            return self.out(F.relu(self.hidden(x)))

    # mlp_no_bias: MLP: layer_without_bias
    # Both layers are created without a bias.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden, bias=False)
            self.out = nn.Linear(n_hidden, n_out, bias=False)

        def forward(self, x):
            return self.out(F.relu(self.hidden(x)))

    # mlp_no_super: MLP: no_super_init
    # super().__init__() is not called, so assigning the layers raises an AttributeError.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            return self.out(F.relu(self.hidden(x)))

    # mlp_out_takes_n_in: MLP: layer_of_another_size
    # The out layer takes n_in inputs instead of n_hidden, which only works when the two are equal.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_in, n_out)

        def forward(self, x):
            h = F.relu(self.hidden(x))
            return self.out(h)

    # mlp_dropout: MLP: layer_too_many
    # Adds dropout, which was not asked for and makes the output random in training mode.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.drop = nn.Dropout(0.5)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = self.drop(F.relu(self.hidden(x)))
            return self.out(x)

    # mlp_extra_layer: MLP: layer_too_many
    # Has a second hidden layer, which the assignment does not ask for.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.hidden2 = nn.Linear(n_hidden, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = F.relu(self.hidden(x))
            x = F.relu(self.hidden2(x))
            return self.out(x)

    # mlp_returns_classes: MLP: classes_for_scores
    # forward returns the predicted class instead of the logits.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            logits = self.out(F.relu(self.hidden(x)))
            return logits.argmax(dim=1)

    # mlp_other_layer_names: MLP: layer_of_another_name
    # The layers are called fc1 and fc2 rather than hidden and out.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.fc1 = nn.Linear(n_in, n_hidden)
            self.fc2 = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = F.relu(self.fc1(x))
            return self.fc2(x)

    # mlp_forgets_out: MLP: layer_left_out
    # forward stops after the ReLU and never applies the out layer.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            x = self.hidden(x)
            x = F.relu(x)
            return x

    # mlp_layer_made_in_forward: MLP: layer_made_anew
    # A new random out layer is created on each forward pass, so it is never trained.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.n_hidden, self.n_out = n_hidden, n_out
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            h = F.relu(self.hidden(x))
            self.out = nn.Linear(self.n_hidden, self.n_out)
            return self.out(h)

    # mlp_swapped_parameters: MLP: parameters_swapped
    # n_hidden and n_in are in the wrong order in the signature, so positional arguments are mixed up.
    class MLP(nn.Module):
        def __init__(self, n_hidden=64, n_in=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            return self.out(F.relu(self.hidden(x)))

    # mlp_batch_norm: MLP: layer_too_many
    # Adds batch normalisation between the layers, which was not asked for.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.bn = nn.BatchNorm1d(n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            return self.out(F.relu(self.bn(self.hidden(x))))

    # mlp_zero_weights: MLP: weights_alike
    # All weights start at zero, so the hidden units get no gradient and the network cannot learn features.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)
            for p in self.parameters():
                nn.init.zeros_(p)

        def forward(self, x):
            return self.out(F.relu(self.hidden(x)))

    # mlp_detached_hidden: MLP: layer_cut_off
    # The hidden activations are detached from the graph, so the hidden layer never receives a gradient.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            features = F.relu(self.hidden(x)).detach()
            return self.out(features)

    # mlp_clamped_to_one: MLP: bounded_activation
    # Clamps the hidden activations to [0, 1], while ReLU has no upper limit.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            h = torch.clamp(self.hidden(x), 0, 1)
            return self.out(h)

    # mlp_absolute_value: MLP: absolute_activation
    # Negative hidden values are flipped (absolute value) rather than set to zero.
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            h = self.hidden(x)
            h = torch.where(h > 0, h, -h)
            return self.out(h)

    # train_no_zero_grad: train: gradients_add_up
    # The gradients are never zeroed, so they accumulate over the batches.
    def train(model, loader, epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_mean_of_batch_means: train: mean_of_batch_means
    # Averages the batch means with equal weight, which is not the mean over rows when the last batch is smaller.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            running_loss = 0.0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                running_loss += loss.item()
            losses.append(running_loss / len(loader))
        return losses

    # train_no_step: train: no_step
    # optimizer.step() is missing, so the weights never change.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_no_backward: train: no_backward
    # loss.backward() is never called, so there are no gradients and the model is not trained.
    def train(model, loader, epochs):
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        criterion = nn.CrossEntropyLoss()
        losses = []
        for epoch in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                opt.zero_grad()
                loss = criterion(model(xb), yb)
                opt.step()
                total += loss.item() * len(yb)
                n += len(yb)
            losses.append(total / n)
        return losses

    # train_last_batch_loss: train: last_batch_only
    # Records only the loss of the last batch of each epoch.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
            losses.append(loss.item())
        return losses

    # train_total_not_mean: train: division_forgotten
    # Records the summed loss over all rows without dividing by the number of rows.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            epoch_loss = 0.0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                epoch_loss += loss.item() * xb.size(0)
            losses.append(epoch_loss)
        return losses

    # train_divides_by_batches: train: divided_by_batches
    # The row-weighted total is divided by the number of batches rather than rows.
    def train(model, loader, epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        losses = []
        for _ in range(epochs):
            total = 0.0
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
            losses.append(total / len(loader))
        return losses

    # train_loss_after_step: train: loss_after_the_step
    # Records each batch's loss after the update instead of as it was when trained on.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                F.cross_entropy(model(xb), yb).backward()
                optimizer.step()
                with torch.no_grad():
                    total += F.cross_entropy(model(xb), yb).item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_returns_after_first_epoch: train: returned_in_the_loop
    # return is inside the epoch loop, so it trains for a single epoch.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
            return losses

    # train_total_never_reset: train: not_reset
    # The running total is not reset at the start of each epoch, so the reported losses add up.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        total = 0.0
        for _ in range(epochs):
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
            losses.append(total / len(loader.dataset))
        return losses

    # train_records_accuracy: train: accuracy_for_loss
    # Returns the training accuracy per epoch instead of the cross entropy.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        history = []
        for _ in range(epochs):
            correct, n = 0, 0
            for xb, yb in loader:
                logits = model(xb)
                optimizer.zero_grad()
                F.cross_entropy(logits, yb).backward()
                optimizer.step()
                correct += (logits.argmax(1) == yb).sum().item()
                n += len(yb)
            history.append(correct / n)
        return history

    # train_mse_one_hot: train: squared_error_for_cross_entropy
    # Minimises and reports the squared error against one-hot labels instead of the cross entropy.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                logits = model(xb)
                target = F.one_hot(yb, logits.shape[1]).float()
                loss = F.mse_loss(logits, target)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_ascends: train: gradient_ascent
    # Adds the gradient to the parameters, so the loss is maximised.
    def train(model, loader, epochs):
        lr = 0.05
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb)
                model.zero_grad()
                loss.backward()
                with torch.no_grad():
                    for p in model.parameters():
                        p += lr * p.grad
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_softmax_before_cross_entropy: train: softmax_before_the_loss
    # Applies softmax before CrossEntropyLoss, which applies it again.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        criterion = nn.CrossEntropyLoss()
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                probs = torch.softmax(model(xb), dim=1)
                loss = criterion(probs, yb)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_nll_on_logits: train: scores_for_log_probabilities
    # Uses nll_loss on raw logits without log_softmax, so the loss is unbounded below.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                loss = F.nll_loss(model(xb), yb)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_output_layer_only: train: partly_trained
    # The optimizer only gets the out layer's parameters, so the hidden layer is never trained.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.out.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                model.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_ignores_epochs: train: number_for_argument(epochs)
    # The number of epochs is hard-coded to 10 and the argument ignored.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        num_epochs = 10
        losses = []
        for epoch in range(num_epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_first_batch_only: train: first_batch_only
    # Takes only the first batch of the loader in each epoch.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            xb, yb = next(iter(loader))
            optimizer.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    # train_zero_grad_before_step: train: cleared_before_the_step
    # zero_grad comes between backward and step, so the gradients are gone before the update.
    def train(model, loader, epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.zero_grad()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_one_step_per_epoch: train: one_step_for_all_batches
    # The step is outside the batch loop, so there is one update per epoch instead of one per batch.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            optimizer.zero_grad()
            total, n = 0.0, 0
            for xb, yb in loader:
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                total += loss.item() * len(xb)
                n += len(xb)
            optimizer.step()
            losses.append(total / n)
        return losses

    # train_huge_learning_rate: train: learning_rate_too_large
    # The learning rate of 100 is far too large, so the loss blows up instead of going down.
    def train(model, loader, epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=100)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_skips_small_batch: train: small_batch_left_out
    # Skips the smaller last batch, so its rows are neither trained on nor counted.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                if len(xb) < loader.batch_size:
                    continue
                loss = F.cross_entropy(model(xb), yb)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_returns_model: train: input_returned
    # Returns the model instead of the list of epoch losses.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for epoch in range(epochs):
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
        return model

    # train_appends_per_batch: train: every_batch_kept
    # Appends a loss for every batch rather than one mean per epoch.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for epoch in range(epochs):
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        return losses

    # train_rewrapped_loss: train: no_backward
    # The loss is turned into a number and wrapped in a new tensor, which cuts the graph, so backward reaches no parameter.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                value = F.cross_entropy(model(xb), yb).item()
                loss = torch.tensor(value, requires_grad=True)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += value * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_trains_a_copy: train: copy_trained
    # Trains a deep copy, so the model that was passed in stays untrained.
    def train(model, loader, epochs):
        import copy
        net = copy.deepcopy(model)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(net(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_weights_by_batch_size: train: batch_size_for_rows
    # Weights each batch with the nominal batch size, so the smaller last batch counts too much.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total = 0.0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * loader.batch_size
            losses.append(total / len(loader.dataset))
        return losses

    # train_loss_at_end_of_epoch: train: loss_after_the_step
    # Recomputes the loss over the data with the weights at the end of the epoch rather than as each batch was trained on.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            for xb, yb in loader:
                optimizer.zero_grad()
                F.cross_entropy(model(xb), yb).backward()
                optimizer.step()
            with torch.no_grad():
                parts = [(F.cross_entropy(model(x), y, reduction="sum").item(), len(y)) for x, y in loader]
            losses.append(sum(s for s, _ in parts) / sum(n for _, n in parts))
        return losses

    # train_label_smoothing: train: labels_smoothed
    # Uses label smoothing, so what it minimises and reports is not the plain cross entropy.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = criterion(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_l2_in_reported_loss: train: penalty_added
    # Adds an L2 penalty to the loss, both minimised and reported, so it is not the cross entropy.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                penalty = sum((p ** 2).sum() for p in model.parameters())
                loss = F.cross_entropy(model(xb), yb) + 0.01 * penalty
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_resets_each_epoch: train: begun_anew
    # Reinitialises the model at the start of every epoch, so what was learned is thrown away.
    def train(model, loader, epochs):
        losses = []
        for _ in range(epochs):
            model.hidden.reset_parameters()
            model.out.reset_parameters()
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_early_stopping: train: stopped_early
    # Stops early when the loss improves by less than 0.2, so the list can have fewer entries than epochs.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
            if len(losses) > 1 and losses[-2] - losses[-1] < 0.2:
                break
        return losses

    # train_swapped_loss_arguments: train: loss_arguments_swapped
    # The arguments of cross_entropy are swapped (labels first), which raises an error.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(yb, model(xb))
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_sum_times_rows: train: sum_for_mean
    # With reduction='sum' the batch loss is already a sum, and it is multiplied by the batch size again.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        criterion = nn.CrossEntropyLoss(reduction="sum")
        losses = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = criterion(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * xb.shape[0]
                n += xb.shape[0]
            losses.append(total / n)
        return losses

    # train_perplexity: train: exponential_of_the_loss
    # Returns exp of the mean cross entropy (the perplexity) instead of the cross entropy.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        result = []
        for _ in range(epochs):
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            result.append(float(torch.exp(torch.tensor(total / n))))
        return result

    # train_best_batch: train: best_batch_kept
    # Reports the smallest batch loss of each epoch rather than the mean over the rows.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(epochs):
            batch_losses = []
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                batch_losses.append(loss.item())
            losses.append(min(batch_losses))
        return losses

    # train_returns_last_epoch: train: reset_in_every_round last_item_for_list
    # The list is created anew in every epoch, so only the last epoch's mean is returned.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(epochs):
            losses = []
            total, n = 0.0, 0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # accuracy_count: accuracy: number_of_right_answers
    # Returns the number of right rows without dividing by the number of rows.
    def accuracy(model, X, y):
        with torch.no_grad():
            predicted = model(X).argmax(dim=1)
        return float((predicted == y).sum())

    # accuracy_percent: accuracy: percent_for_share
    # Returns a percentage between 0 and 100 instead of a share in [0, 1].
    def accuracy(model, X, y):
        model.eval()
        with torch.no_grad():
            _, predicted = torch.max(model(X), 1)
            correct = (predicted == y).sum().item()
        return 100 * correct / y.size(0)

    # accuracy_argmin: accuracy: smallest_for_largest
    # argsort is ascending, so column 0 is the smallest logit, not the largest.
    def accuracy(model, X, y):
        with torch.no_grad():
            order = model(X).argsort(dim=1)
        return (order[:, 0] == y).float().mean().item()

    # accuracy_compares_values: accuracy: value_for_index
    # Compares the largest logit's value, not its index, with the label (max()[0] instead of [1]).
    def accuracy(model, X, y):
        with torch.no_grad():
            predicted = torch.max(model(X), dim=1)[0]
        return (predicted == y).float().mean().item()

    # accuracy_tensor: accuracy: last_step_left_out not_converted_to_float
    # Returns a tensor instead of a Python float.
    def accuracy(model, X, y):
        with torch.no_grad():
            logits = model(X)
        return (logits.argmax(1) == y).float().mean()

    # accuracy_error_rate: accuracy: error_rate_for_accuracy
    # Returns the error rate, the share of wrong rows.
    def accuracy(model, X, y):
        with torch.no_grad():
            pred = model(X).argmax(1)
        return (pred != y).double().mean().item()

    # accuracy_divides_by_classes: accuracy: divided_by_classes
    # Divides by the number of classes instead of the number of rows.
    def accuracy(model, X, y):
        with torch.no_grad():
            logits = model(X)
        correct = (logits.argmax(dim=1) == y).sum().item()
        return correct / logits.shape[1]

    # accuracy_integer_division: accuracy: whole_number_division
    # Integer division makes the accuracy 0 unless every row is right.
    def accuracy(model, X, y):
        correct = 0
        with torch.no_grad():
            for x, label in zip(X, y):
                pred = model(x.unsqueeze(0)).argmax().item()
                correct += int(pred == label.item())
        return float(correct // len(y))

    # accuracy_needs_majority: accuracy: majority_for_largest
    # Counts a row as right only when the true class has probability above 0.5, not when it is the largest.
    def accuracy(model, X, y):
        with torch.no_grad():
            probs = F.softmax(model(X), dim=1)
        p_true = probs[torch.arange(len(y)), y]
        return (p_true > 0.5).float().mean().item()

    # accuracy_top3: accuracy: among_the_best
    # Computes the top-3 accuracy instead of counting only the largest logit.
    def accuracy(model, X, y):
        with torch.no_grad():
            top = model(X).topk(3, dim=1).indices
        hits = (top == y.unsqueeze(1)).any(dim=1)
        return hits.float().mean().item()

    # accuracy_first_batch: accuracy: first_rows_only
    # Returns after the first batch of 32 rows, so the rest is ignored.
    def accuracy(model, X, y):
        loader = DataLoader(TensorDataset(X, y), batch_size=32)
        with torch.no_grad():
            for xb, yb in loader:
                correct = (model(xb).argmax(1) == yb).sum().item()
                return correct / len(yb)

    # accuracy_mean_of_batches: accuracy: mean_over_batches
    # Averages the accuracies of batches equally, so the rows of a smaller last batch count too much.
    def accuracy(model, X, y):
        accs = []
        with torch.no_grad():
            for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32):
                accs.append((model(xb).argmax(1) == yb).float().mean().item())
        return sum(accs) / len(accs)

    # accuracy_mean_class_recall: accuracy: mean_over_classes
    # Averages the accuracies of the classes (balanced accuracy), which differs when the classes are unequal in size.
    def accuracy(model, X, y):
        with torch.no_grad():
            pred = model(X).argmax(dim=1)
        per_class = []
        for c in y.unique():
            mask = y == c
            per_class.append((pred[mask] == c).float().mean().item())
        return sum(per_class) / len(per_class)

    # accuracy_ignores_class_zero: accuracy: class_zero_left_out
    # Multiplies by the predicted class and counts non-zeros, so right rows of class 0 are not counted.
    def accuracy(model, X, y):
        with torch.no_grad():
            pred = model(X).argmax(dim=1)
        right = pred * (pred == y)
        return torch.count_nonzero(right).item() / len(y)

    # accuracy_soft: accuracy: probability_for_hit
    # Returns the mean probability of the true class, not the share of rows predicted right.
    def accuracy(model, X, y):
        with torch.no_grad():
            probs = torch.softmax(model(X), dim=-1)
        return probs.gather(1, y.view(-1, 1)).mean().item()

    # accuracy_all_or_nothing: accuracy: all_for_share
    # torch.equal compares the whole tensors, so the result is 1.0 or 0.0 only.
    def accuracy(model, X, y):
        with torch.no_grad():
            predicted = torch.argmax(model(X), dim=1)
        return float(torch.equal(predicted, y))

    # accuracy_treats_y_as_one_hot: accuracy: labels_taken_for_scores
    # Takes argmax of y as if it were one-hot, so all predictions are compared with one row number.
    def accuracy(model, X, y):
        with torch.no_grad():
            predicted = model(X).argmax(dim=-1)
        target = y.argmax(dim=-1)
        return (predicted == target).float().mean().item()

    # accuracy_label_distance: accuracy: distance_for_hit
    # Subtracts the mean distance of the class numbers, as if classes were quantities, instead of counting mismatches.
    def accuracy(model, X, y):
        with torch.no_grad():
            pred = model(X).argmax(1)
        return 1 - (pred - y).abs().float().mean().item()

    # accuracy_sampled: accuracy
    # Samples the prediction from the probabilities instead of taking the largest logit.
    def accuracy(model, X, y):
        with torch.no_grad():
            probs = F.softmax(model(X), dim=1)
            pred = torch.multinomial(probs, 1).squeeze(1)
        return (pred == y).float().mean().item()

    # accuracy_keepdim_broadcast: accuracy: every_pair_compared
    # Predictions of shape (n, 1) broadcast against y (n,), so every prediction is compared with every label.
    def accuracy(model, X, y):
        with torch.no_grad():
            pred = model(X).argmax(dim=1, keepdim=True)
        return (pred == y).float().mean().item()

    # accuracy_without_relu: accuracy: layers_by_name
    # Calls the layers by hand and leaves out the ReLU, so it is not the model's prediction.
    def accuracy(model, X, y):
        with torch.no_grad():
            h = model.hidden(X)
            logits = model.out(h)
        return (logits.argmax(dim=1) == y).float().mean().item()

    # accuracy_softmax_over_rows: accuracy: scores_compared_across_rows
    # The softmax runs over the rows (dim=0), which changes which class is largest in a row.
    def accuracy(model, X, y):
        with torch.no_grad():
            probs = torch.softmax(model(X), dim=0)
        predicted = probs.argmax(dim=1)
        return (predicted == y).float().mean().item()

    # train_zero_grad_forgotten: train: gradients_add_up
    # the gradients are never set to zero, so they pile up over all batches
    def train(model, loader, epochs):
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        losses = []
        for epoch in range(epochs):
            total = 0.0
            n = 0
            for xb, yb in loader:
                pred = model(xb)
                loss = F.cross_entropy(pred, yb)
                loss.backward()
                opt.step()
                total += loss.item() * len(xb)
                n += len(xb)
            losses.append(total / n)
        return losses

    # train_zero_grad_once_per_epoch: train: cleared_once
    # zero_grad stands in the outer loop, so the gradients of an epoch's batches pile up
    from torch.optim import Adam

    def train(model, loader, epochs):
        optimizer = Adam(model.parameters(), lr=1e-2)
        epoch_means = []
        for _ in range(epochs):
            optimizer.zero_grad()
            running, seen = 0.0, 0
            for inputs, targets in loader:
                loss = nn.functional.cross_entropy(model(inputs), targets)
                loss.backward()
                optimizer.step()
                running += loss.item() * targets.shape[0]
                seen += targets.shape[0]
            epoch_means.append(running / seen)
        return epoch_means

    # train_minus_forgotten: train: minus_forgotten
    # its own cross entropy lacks the minus sign, so it lowers the probability of the right class
    def cross_entropy_of(logits, labels):
        log_p = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        return log_p.gather(1, labels.unsqueeze(1)).mean()


    def train(model, loader, epochs):
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        means = []
        for _ in range(epochs):
            acc, n = 0.0, 0
            for x, y in loader:
                opt.zero_grad()
                loss = cross_entropy_of(model(x), y)
                loss.backward()
                opt.step()
                acc += loss.item() * len(y)
                n += len(y)
            means.append(acc / n)
        return means

    # train_returns_last_epoch_only: train: last_item_for_list
    # it returns the mean loss of the last epoch, a float, instead of a list
    def train(model, loader, epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        epoch_loss = 0.0
        for epoch in range(epochs):
            epoch_loss = 0.0
            n = 0
            for x, y in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
                epoch_loss += loss.item() * len(x)
                n += len(x)
            epoch_loss = epoch_loss / n
        return epoch_loss

    # accuracy_argmax_over_rows: accuracy: other_axis
    # the largest logit is looked for along the rows (axis 0) instead of along the classes
    import numpy as np

    def accuracy(model, X, y):
        logits = model(X).detach().numpy()
        predicted = np.argmax(logits, axis=0)
        hits = sum(p == t for p, t in zip(predicted, y.numpy()))
        return float(hits) / len(y)

    # accuracy_over_all_logits: accuracy: divided_by_classes
    # the count of right rows is divided by the number of all logits, not of rows
    def accuracy(model, X, y):
        with torch.no_grad():
            logits = model(X)
        count = 0
        for i in range(len(y)):
            if torch.argmax(logits[i]) == y[i]:
                count += 1
        return count / logits.numel()

    # mlp_relu_behind_autograds_back: MLP
    # the negative numbers are cut off in .data, so the gradient flows through the cut units as if they were linear
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            h = self.hidden(x)
            h.data[h.data < 0] = 0.0
            return self.out(h)

    # mlp_squeezes_the_logits: MLP: result_squeezed
    # squeeze() drops the first dimension when there is one row (and the second when there is one class)
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            h = F.relu(self.hidden(x))
            return self.out(h).squeeze()

    # train_stops_early: train: stopped_early
    # stops when the loss has not become better for three epochs, so it returns fewer numbers than epochs
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        best, patience = float("inf"), 0
        for epoch in range(epochs):
            total, rows = 0.0, 0
            for x, y in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(y)
                rows += len(y)
            losses.append(total / rows)
            if losses[-1] < best - 1e-4:
                best, patience = losses[-1], 0
            else:
                patience += 1
                if patience == 3:
                    break
        return losses

    # accuracy_argmax_of_sigmoid: accuracy
    # takes the sigmoid of the logits first, and large logits all become exactly 1, so argmax picks the first of them
    def accuracy(model, X, y):
        with torch.no_grad():
            probabilities = torch.sigmoid(model(X))
            predicted = probabilities.argmax(dim=1)
        return (predicted == y).sum().item() / len(y)

    # accuracy_squeezes_the_logits: accuracy
    # squeeze() makes a single row of logits one-dimensional, so argmax over dim=1 fails for one row
    def accuracy(model, X, y):
        with torch.no_grad():
            logits = model(X).squeeze()
        predicted = logits.argmax(dim=1)
        return torch.eq(predicted, y).double().mean().item()

    # train_requires_grad_patched: train: cut_off
    # detaches the logits and then sets requires_grad on the loss, so no gradient reaches the model
    def train(model, loader, epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        losses = []
        for _ in range(epochs):
            total = 0.0
            rows = 0
            for x, y in loader:
                logits = model(x).detach()
                loss = F.cross_entropy(logits, y)
                loss.requires_grad = True
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(y)
                rows += len(y)
            losses.append(total / rows)
        return losses

    # squeezed_logits: MLP: result_squeezed
    # Squeeze drops the first dimension when there is one row, so the shape is not (n, n_out).
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            a = self.hidden(x)
            h = a.relu()
            o = self.out(h)
            return o.squeeze()

    # columns_for_rows: train: columns_for_rows
    # The batch loss is multiplied by the number of columns of x instead of its number of rows.
    def train(model, loader, epochs):
        criterion = nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        losses = []
        for _ in range(epochs):
            loss_sum = 0
            n = 0
            for x, y in loader:
                optimizer.zero_grad()
                loss = criterion(model(x), y)
                loss.backward()
                optimizer.step()
                loss_sum += loss.item() * x.shape[1]
                n += y.shape[0]
            losses.append(loss_sum / n)
        return losses

    # biases_not_trained: train: partly_trained
    # Only the weights are given to the optimizer, so the biases are not trained.
    def train(model, loader, epochs):
        weights = [p for name, p in model.named_parameters() if name.endswith("weight")]
        optimizer = torch.optim.Adam(weights, lr=0.01)
        losses = []
        for _ in range(epochs):
            total, rows = 0.0, 0
            for x, y in loader:
                loss = F.cross_entropy(model(x), y)
                model.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(y)
                rows += len(y)
            losses.append(total / rows)
        return losses

    # model_instead_of_self: MLP: global_for_argument(self)
    # forward uses the layers of the global variable model instead of those of self
    class MLP(nn.Module):
        def __init__(self, n_in=64, n_hidden=64, n_out=10):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, n_out)

        def forward(self, x):
            h = torch.relu(model.hidden(x))
            return model.out(h)

    # best_starts_at_zero: accuracy: positive_scores_only
    # the search for the largest logit starts at 0, so it goes wrong when all logits of a row are negative
    def accuracy(model, X, y):
        logits = model(X)
        correct = 0
        for row, label in zip(logits.tolist(), y.tolist()):
            biggest = 0
            answer = 0
            for k, value in enumerate(row):
                if value > biggest:
                    biggest = value
                    answer = k
            if answer == label:
                correct += 1
        return correct / len(y)

    # numpy_without_detach: accuracy: array_of_a_recorded_tensor
    # numpy() is called on a tensor that requires grad, which is an error for every model with parameters
    def accuracy(model, X, y):
        logits = model(X).numpy()
        predicted = logits.argmax(axis=1)
        return float((predicted == y.numpy()).mean())

    # mean_of_chunk_accuracies: accuracy: mean_over_batches
    # the mean of the shares of chunks counts the rows of a smaller last chunk too much
    def accuracy(model, X, y):
        accs = []
        with torch.no_grad():
            for i in range(0, len(X), 100):
                logits = model(X[i:i + 100])
                hit = logits.argmax(dim=1) == y[i:i + 100]
                accs.append(hit.float().mean().item())
        return sum(accs) / len(accs)

    # train_tensors_with_gradients: train: history_kept
    # Returns tensors that still require gradients and not numbers (the later plot of them fails).
    def train(model, loader, epochs):
        opt = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for epoch in range(epochs):
            epoch_loss = 0
            n = 0
            for x, y in loader:
                pred = model(x)
                loss = F.cross_entropy(pred, y)
                opt.zero_grad()
                loss.backward()
                opt.step()
                epoch_loss = epoch_loss + loss * len(x)
                n = n + len(x)
            losses.append(epoch_loss / n)
        return losses

    # train_cached_batches: train: loaded_once
    # Goes through the loader only once and repeats the stored batches, so a shuffling loader gives the same order in each epoch.
    def train(model, loader, epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        all_batches = list(loader)  # faster than loading them again in each epoch
        n_rows = sum(len(labels) for _, labels in all_batches)
        losses = []
        for _ in range(epochs):
            total = 0.0
            for x, labels in all_batches:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(x), labels)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(labels)
            losses.append(total / n_rows)
        return losses

    # acc_only_ten_classes: accuracy: some_classes_only
    # Counts the right answers of the classes 0 to 9 only, so it is wrong for models with more classes.
    def accuracy(model, X, y):
        with torch.no_grad():
            predicted = torch.argmax(model(X), dim=1)
        hits = 0
        for digit in range(10):
            hits += ((predicted == digit) & (y == digit)).sum().item()
        return hits / len(y)

    # acc_gradients_stay_off: accuracy: parameters_frozen
    # Switches gradients off for the whole notebook and never on again, so that the next training fails.
    def accuracy(model, X, y):
        torch.set_grad_enabled(False)
        out = model(X)
        pred = out.argmax(1)
        return (pred == y).sum().item() / y.shape[0]

    # acc_freezes_the_first_weights: accuracy: parameters_frozen
    # Freezes the weights of the first layer, so that they are not trained any more.
    def accuracy(model, X, y):
        next(model.parameters()).requires_grad_(False)
        return (model(X).argmax(-1).eq(y)).sum().item() / len(y)

    # acc_cells_of_one_hot: accuracy: cells_counted
    # Compares one-hot tables cell by cell, so the zeros that agree count as right, too.
    def accuracy(model, X, y):
        with torch.no_grad():
            logits = model(X)
        k = logits.shape[1]
        predicted = F.one_hot(logits.argmax(dim=1), num_classes=k)
        target = F.one_hot(y, num_classes=k)
        return (predicted == target).float().mean().item()
    """,
    CELLS,
)
