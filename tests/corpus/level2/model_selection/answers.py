"""Right and wrong answers to `model_selection`."""

from tests.corpus.level2 import answers

CELLS = ("scale", "fitted_pipeline", "report", "best_k", "summary")

RIGHT = answers(
    """
    # fit_transform:
    def scale(X_train, X_test):
        sc = StandardScaler()
        X_train = sc.fit_transform(X_train)
        X_test = sc.transform(X_test)
        return X_train, X_test

    # with_pandas:
    def scale(X_train, X_test):
        train, test = pd.DataFrame(X_train), pd.DataFrame(X_test)
        mu, sigma = train.mean(), train.std(ddof=0)
        return (train - mu) / sigma, (test - mu) / sigma

    # list_of_two:
    def scale(X_train, X_test):
        scaler = StandardScaler()
        scaler.fit(X_train)
        return [scaler.transform(X) for X in (X_train, X_test)]

    # named_steps:
    from sklearn.pipeline import Pipeline

    def fitted_pipeline(X, y):
        pipe = Pipeline([
            ("scaler", StandardScaler()),
            ("clf", LogisticRegression(max_iter=1000, random_state=42)),
        ])
        pipe.fit(X, y)
        return pipe

    # other_solver:
    def fitted_pipeline(X, y):
        return make_pipeline(StandardScaler(), LogisticRegression(solver="liblinear")).fit(X, y)

    # report_of_the_fitted_pipeline:
    def report(X, y, cv=5):
        pipe = fitted_pipeline(X, y)
        scores = cross_val_score(pipe, X, y, cv=cv, scoring="accuracy")
        return {"name": type(pipe[-1]).__name__, "mean": np.mean(scores), "std": np.std(scores)}

    # cross_validate:
    from sklearn.model_selection import cross_validate

    def report(X, y, cv=5):
        result = cross_validate(
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)), X, y, cv=cv, n_jobs=-1
        )
        return dict(
            mean=float(result["test_score"].mean()),
            std=float(result["test_score"].std()),
            name=LogisticRegression.__name__,
        )

    # folds_by_hand:
    from sklearn.model_selection import StratifiedKFold

    def report(X, y, cv=5):
        accuracies = []
        for train, test in StratifiedKFold(n_splits=cv).split(X, y):
            X_train, X_test = scale(X[train], X[test])
            clf = LogisticRegression().fit(X_train, y[train])
            accuracies.append(clf.score(X_test, y[test]))
        accuracies = pd.Series(accuracies)
        return {
            "mean": accuracies.mean(), "std": accuracies.std(ddof=0), "name": "LogisticRegression"
        }

    # loop_over_k:
    def best_k(X, y, ks):
        best, best_score = None, -1
        for k in ks:
            knn = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            score = cross_val_score(knn, X, y, cv=5).mean()
            if score > best_score:
                best, best_score = k, score
        return best

    # grid_search:
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline

    def best_k(X, y, ks):
        pipe = Pipeline([("scale", StandardScaler()), ("knn", KNeighborsClassifier())])
        grid = GridSearchCV(pipe, {"knn__n_neighbors": ks}, cv=5)
        grid.fit(X, y)
        return grid.best_params_["knn__n_neighbors"]

    # numpy_argmax:
    def best_k(X, y, ks):
        scores = [
            cross_val_score(make_pipeline(StandardScaler(), KNeighborsClassifier(k)), X, y, cv=5).mean()
            for k in ks
        ]
        return np.array(ks)[np.argmax(scores)]

    # dictionary_of_scores:
    def best_k(X, y, ks):
        scores = {}
        for k in ks:
            model = make_pipeline(StandardScaler(), KNeighborsClassifier(k))
            scores[k] = np.mean(cross_val_score(model, X, y))
        return pd.Series(scores).idxmax()

    # named_aggregation:
    def summary(frame):
        table = frame.groupby("model").agg(mean=("accuracy", "mean"), count=("accuracy", "count"))
        fig, ax = plt.subplots(figsize=(6, 4))
        ax.bar(table.index, table["mean"], color="tab:green", label="mean")
        ax.set_xlabel("model")
        ax.set_ylabel("mean accuracy")
        ax.set_title("Cross-validation")
        ax.legend()
        plt.show()
        return table

    # loop_over_models:
    def summary(frame):
        rows = {}
        for name in sorted(frame["model"].unique()):
            found = frame.loc[frame["model"] == name, "accuracy"].dropna()
            rows[name] = {"mean": found.mean(), "count": len(found)}
        table = pd.DataFrame(rows).T
        plt.figure()
        for name in table.index:
            plt.bar(name, table.loc[name, "mean"])
        plt.xlabel("Model"); plt.ylabel("Mean accuracy"); plt.title("All models")
        plt.xticks(rotation=30)
        plt.tight_layout()
        return table

    # two_series_and_pandas_plot:
    def summary(frame):
        groups = frame.groupby("model")
        result = pd.DataFrame()
        result["mean"] = groups["accuracy"].mean()
        result["count"] = groups["accuracy"].count()
        ax = result["mean"].plot(kind="bar", title="How good are they?", ylabel="mean accuracy")
        return result

    # pivot_table:
    def summary(frame):
        table = frame.pivot_table(index="model", values="accuracy", aggfunc=["mean", "count"])
        table.columns = ["mean", "count"]
        x = np.arange(len(table))
        plt.bar(x, table["mean"].values, width=0.5)
        plt.xticks(x, table.index)
        plt.gca().set(xlabel="model", ylabel="mean accuracy", title="Models")
        plt.show()
        return table

    # without_missing_rows_first:
    def summary(frame):
        known = frame[frame["accuracy"].notna()]
        table = known.groupby("model")["accuracy"].aggregate(["mean", "size"])
        table = table.rename(columns={"size": "count"})
        table["mean"].plot.bar(rot=0)
        plt.xlabel("model")
        plt.ylabel("mean accuracy of the folds")
        plt.title("Summary")
        plt.show()
        return table
    """,
    CELLS,
)

SCALE = """\
def scale(X_train, X_test):
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test)
"""
PIPELINE = """\
def fitted_pipeline(X, y):
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(X, y)
    return model
"""
REPORT = """\
def report(X, y, cv=5):
    scores = cross_val_score(fitted_pipeline(X, y), X, y, cv=cv)
    return {"mean": scores.mean(), "std": scores.std(), "name": "LogisticRegression"}
"""
BEST_K = """\
def best_k(X, y, ks):
    def score(k):
        model = make_pipeline(StandardScaler(), KNeighborsClassifier(k))
        return cross_val_score(model, X, y, cv=5).mean()

    return max(ks, key=score)
"""
SUMMARY = """\
def summary(frame):
    table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
    plt.bar(table.index, table["mean"])
    plt.title("Models")
    plt.xlabel("model")
    plt.ylabel("mean accuracy")
    plt.show()
    return table
"""
MISTAKES = {
    "far_rows_left_out": (PIPELINE, "model.fit(X, y)",
        "near = (np.abs(X - X.mean(0)) < 2 * X.std(0)).all(1)\n    model.fit(X[near], y[near])"),
    "rounded_scores": (BEST_K, "cross_val_score(model, X, y, cv=5).mean()",
        "round(cross_val_score(model, X, y, cv=5).mean(), 2)"),
    "leakage": (SCALE, "fit(X_train)", "fit(np.concatenate([X_train, X_test]))"),
    "fitted_twice": (SCALE, "scaler.transform(X_test)", "scaler.fit_transform(X_test)"),
    "sample_deviation": (SCALE, "scaler.transform(X_train), scaler.transform(X_test)",
        "[(X - X_train.mean(0)) / X_train.std(0, ddof=1) for X in (X_train, X_test)]"),
    "one_mean_for_all": (SCALE, "scaler.transform(X_train), scaler.transform(X_test)",
        "[(X - X_train.mean()) / X_train.std() for X in (X_train, X_test)]"),
    "min_max": (SCALE, "scaler = StandardScaler()",
        "from sklearn.preprocessing import MinMaxScaler; scaler = MinMaxScaler()"),
    "training_set_only": (SCALE, ", scaler.transform(X_test)", ""),
    "sets_swapped": (SCALE, "scaler.transform(X_train), scaler.transform(X_test)",
        "scaler.transform(X_test), scaler.transform(X_train)"),
    "scaler_returned": (SCALE, "return scaler.transform(X_train), scaler.transform(X_test)",
        "return scaler"),
    "scale_returns_nothing": (SCALE, "return scaler.transform(X_train), scaler.", "scaler."),
    "no_scaler": (PIPELINE, "StandardScaler(), ", ""),
    "no_pipeline_returned": (PIPELINE, "    return model\n", ""),
    "steps_swapped": (PIPELINE, "StandardScaler(), LogisticRegression()",
        "LogisticRegression(), StandardScaler()"),
    "knn_for_regression": (PIPELINE, "LogisticRegression()", "KNeighborsClassifier()"),
    "fitted_on_few_rows": (PIPELINE, "fit(X, y)", "fit(X[::2], 1 - y[::2])"),
    "no_pipeline": (PIPELINE, "make_pipeline(StandardScaler(), LogisticRegression())",
        "LogisticRegression()"),
    "cv_ignored": (REPORT, "cv=cv", "cv=5"),
    "report_of_the_sample": (REPORT, "scores.std()", "scores.std(ddof=1)"),
    "no_name": (REPORT, ', "name": "LogisticRegression"', ""),
    "other_name": (REPORT, '"LogisticRegression"', '"logreg"'),
    "tuple_for_report": (REPORT, '{"mean": scores.mean(), "std": scores.std(), "name": '
        '"LogisticRegression"}', "scores.mean(), scores.std()"),
    "accuracy_on_the_training_set": (REPORT, "cross_val_score(fitted_pipeline(X, y), X, y, cv=cv)",
        "np.array([fitted_pipeline(X, y).score(X, y)] * cv)"),
    "all_scores": (REPORT, "scores.mean()", "scores"),
    "report_misspelt": (REPORT, "cross_val_score(fitted", "cross_val_scores(fitted"),
    "index_of_k": (BEST_K, "return max(ks, key=score)", "return int(np.argmax([*map(score, ks)]))"),
    "worst_k": (BEST_K, "max(", "min("),
    "score_of_k": (BEST_K, "return max(ks, key=score)", "return max(map(score, ks))"),
    "knn_not_scaled": (BEST_K, "StandardScaler(), ", ""),
    "k_of_the_training_set": (BEST_K, "cross_val_score(model, X, y, cv=5).mean()",
        "model.fit(X, y).score(X, y)"),
    "largest_k": (BEST_K, "key=score", "key=int"),
    "scaled_before_the_folds": (
        BEST_K,
        "make_pipeline(StandardScaler(), KNeighborsClassifier(k))\n        return cross_val_score("
        "model, X,",
        "KNeighborsClassifier(k)\n        return cross_val_score(model, StandardScaler()."
        "fit_transform(X),",
    ),
    "three_folds": (BEST_K, "cv=5", "cv=3"),
    "last_of_the_best": (BEST_K, "max(ks", "max(reversed(ks)"),
    "report_scaled_before_the_folds": (REPORT, "cross_val_score(fitted_pipeline(X, y), X, y",
        "cross_val_score(LogisticRegression(), StandardScaler().fit_transform(X), y"),
    "report_without_scaler": (REPORT, "cross_val_score(fitted_pipeline(X, y)",
        "cross_val_score(LogisticRegression()"),
    "scaled_in_place": (SCALE, "    scaler = StandardScaler().fit(X_train)\n    return scaler."
        "transform(X_train), scaler.transform(X_test)", "    mean, std = X_train.mean(0), X_train."
        "std(0)\n    for X in (X_train, X_test):\n        X -= mean\n        X /= std\n"
        "    return X_train, X_test"),
    "pipeline_scaled_twice": (PIPELINE, "fit(X, y)", "fit(StandardScaler().fit_transform(X), y)"),
    "strong_regularisation": (PIPELINE, "LogisticRegression()", "LogisticRegression(C=0.01)"),
    "count_with_missing": (SUMMARY, '"count"])', '("count", "size")])'),
    "sum_for_mean": (SUMMARY, '["mean", ', '[("mean", "sum"), '),
    "mean_only": (SUMMARY, '["mean", "count"]', '["mean"]'),
    "model_as_column": (SUMMARY, "    return table", "    return table.reset_index()"),
    "describe": (SUMMARY, '.agg(["mean", "count"])', ".describe()"),
    "order_of_appearance": (SUMMARY, 'groupby("model")', 'groupby("model", sort=False)'),
    "missing_as_zero": (SUMMARY, "frame.groupby", 'frame.fillna({"accuracy": 0}).groupby'),
    "columns_swapped": (SUMMARY, '"mean", "count"', '"count", "mean"'),
    "by_fold": (SUMMARY, 'groupby("model")', 'groupby("fold")'),
    "printed_summary": (SUMMARY, "return table", "print(table)"),
    "missing_rows_dropped_in_place": (SUMMARY, "    table =",
        "    frame.dropna(inplace=True)\n    table ="),
    "no_labels": (SUMMARY, '    plt.xlabel("model")\n    plt.ylabel("mean accuracy")\n', ""),
    "one_label": (SUMMARY, '    plt.ylabel("mean accuracy")\n', ""),
    "labels_swapped": (SUMMARY, 'xlabel("model")\n    plt.ylabel("mean accuracy")',
        'xlabel("mean accuracy")\n    plt.ylabel("model")'),
    "no_title": (SUMMARY, '    plt.title("Models")\n', ""),
    "no_plot": (SUMMARY, '    plt.bar(table.index, table["mean"])\n', ""),
    "bars_of_counts": (SUMMARY, 'table["mean"])', 'table["count"])'),
    "line_for_bars": (SUMMARY, "plt.bar", "plt.plot"),
    "horizontal_bars": (SUMMARY, "plt.bar", "plt.barh"),
    "label_without_mean": (SUMMARY, '"mean accuracy"', '"accuracy"'),
    "both_columns_drawn": (SUMMARY, 'plt.bar(table.index, table["mean"])',
        "table.plot.bar(ax=plt.gca())"),
    "labels_in_another_figure": (SUMMARY, "    plt.title", "    plt.figure()\n    plt.title"),
}  # fmt: skip
TASKS = {
    SCALE: "scale",
    PIPELINE: "fitted_pipeline",
    REPORT: "report",
    BEST_K: "best_k",
    SUMMARY: "summary",
}

WRONG = answers(
    "".join(
        f"# {name}: {TASKS[source]}\n{source.replace(old, new)}"
        for name, (source, old, new) in MISTAKES.items()
    ),
    CELLS,
)
