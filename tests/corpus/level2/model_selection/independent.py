"""Answers to `model_selection` of somebody who knew the notebook, and neither the tests nor the library.

The line after the name of a wrong answer says what is wrong with it.
"""

from tests.corpus.level2 import answers

CELLS = ("scale", "fitted_pipeline", "report", "best_k", "summary")

RIGHT = answers(
    """
    # numpy_scale:
    def scale(X_train, X_test):
        mu = X_train.mean(axis=0)
        sigma = X_train.std(axis=0)
        return (X_train - mu) / sigma, (X_test - mu) / sigma

    # fit_transform_scale:
    def scale(X_train, X_test):
        sc = StandardScaler()
        train_scaled = sc.fit_transform(X_train)
        test_scaled = sc.transform(X_test)
        return train_scaled, test_scaled

    # column_loop_scale:
    def scale(X_train, X_test):
        A = np.array(X_train, dtype=float)
        B = np.array(X_test, dtype=float)
        for j in range(A.shape[1]):
            m, s = A[:, j].mean(), A[:, j].std()
            A[:, j] = (A[:, j] - m) / s
            B[:, j] = (B[:, j] - m) / s
        return A, B

    # helper_scale:
    def scale(X_train, X_test):
        center = np.mean(X_train, axis=0)
        spread = np.sqrt(np.mean((X_train - center) ** 2, axis=0))
        standardise = lambda X: (X - center) / spread
        return standardise(X_train), standardise(X_test)

    # moments_scale:
    def scale(X_train, X_test):
        n = len(X_train)
        mean = sum(X_train) / n
        variance = sum((row - mean) ** 2 for row in X_train) / n
        std = np.sqrt(variance)
        return tuple((X - mean) / std for X in (X_train, X_test))

    # pandas_scale:
    def scale(X_train, X_test):
        train = pd.DataFrame(X_train)
        test = pd.DataFrame(X_test)
        mean, std = train.mean(), train.std(ddof=0)
        return ((train - mean) / std).to_numpy(), ((test - mean) / std).to_numpy()

    # named_steps_pipeline:
    from sklearn.pipeline import Pipeline

    def fitted_pipeline(X, y):
        pipe = Pipeline([
            ("scaler", StandardScaler()),
            ("classifier", LogisticRegression()),
        ])
        pipe.fit(X, y)
        return pipe

    # more_iterations_pipeline:
    def fitted_pipeline(X, y):
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        model.fit(X, y)
        return model

    # steps_list_pipeline:
    from sklearn.pipeline import Pipeline

    def fitted_pipeline(X, y):
        steps = []
        steps.append(("std", StandardScaler()))
        steps.append(("logreg", LogisticRegression(random_state=0)))
        return Pipeline(steps=steps).fit(X, y)
    ---
    from sklearn.pipeline import Pipeline

    def report(X, y, cv=5):
        clf = LogisticRegression(random_state=0)
        pipe = Pipeline(steps=[("std", StandardScaler()), ("logreg", clf)])
        acc = cross_val_score(pipe, X, y, cv=cv, scoring="accuracy")
        return dict(mean=float(np.mean(acc)), std=float(np.std(acc)), name=clf.__class__.__name__)

    # make_pipeline_clone:
    def fitted_pipeline(X, y):
        from sklearn.base import clone
        template = make_pipeline(StandardScaler(), LogisticRegression())
        fitted = clone(template)
        return fitted.fit(X, y)

    # cross_validate_report:
    def report(X, y, cv=5):
        from sklearn.model_selection import cross_validate
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
        results = cross_validate(model, X, y, cv=cv, scoring="accuracy")["test_score"]
        return {
            "mean": np.mean(results),
            "std": np.std(results),
            "name": model.steps[-1][1].__class__.__name__,
        }

    # fold_loop_report:
    def report(X, y, cv=5):
        from sklearn.model_selection import StratifiedKFold
        scores = []
        for train, test in StratifiedKFold(n_splits=cv).split(X, y):
            pipe = make_pipeline(StandardScaler(), LogisticRegression())
            pipe.fit(X[train], y[train])
            scores.append(np.mean(pipe.predict(X[test]) == y[test]))
        mean = sum(scores) / len(scores)
        std = (sum((s - mean) ** 2 for s in scores) / len(scores)) ** 0.5
        return {"mean": mean, "std": std, "name": "LogisticRegression"}

    # fold_loop_by_hand_scaling_report:
    def report(X, y, cv=5):
        from sklearn.model_selection import StratifiedKFold
        accuracies = []
        for tr, te in StratifiedKFold(cv).split(X, y):
            scaler = StandardScaler().fit(X[tr])
            clf = LogisticRegression().fit(scaler.transform(X[tr]), y[tr])
            accuracies.append(clf.score(scaler.transform(X[te]), y[te]))
        a = np.array(accuracies)
        return {"name": type(clf).__name__, "mean": a.mean(), "std": a.std(ddof=0)}

    # literal_name_report:
    from sklearn.pipeline import Pipeline

    def report(X, y, cv=5):
        result = {}
        s = cross_val_score(Pipeline([("s", StandardScaler()), ("c", LogisticRegression())]), X, y, cv=cv)
        result["mean"] = round(float(s.mean()), 12)
        result["std"] = round(float(s.std()), 12)
        result["name"] = "LogisticRegression"
        return result

    # class_dunder_name_report:
    def report(X, y, cv=5):
        pipeline = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(estimator=pipeline, X=X, y=y, cv=cv)
        variance = np.var(scores)
        return {"mean": np.average(scores), "std": np.sqrt(variance), "name": LogisticRegression.__name__}

    # dict_max_best_k:
    def best_k(X, y, ks):
        scores = {}
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(k))
            scores[k] = np.mean(cross_val_score(pipe, X, y, cv=5))
        return max(scores, key=scores.get)

    # running_best_k:
    from sklearn.pipeline import Pipeline

    def best_k(X, y, ks):
        best, best_score = None, -1.0
        for k in ks:
            knn = KNeighborsClassifier(n_neighbors=k)
            pipe = Pipeline([("scale", StandardScaler()), ("knn", knn)])
            score = cross_val_score(pipe, X, y, cv=5, scoring="accuracy").mean()
            if score > best_score:
                best, best_score = k, score
        return best

    # key_function_best_k:
    def best_k(X, y, ks):
        def mean_accuracy(k):
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            return cross_val_score(pipe, X, y, cv=5).mean()

        return max(ks, key=mean_accuracy)

    # grid_search_best_k:
    from sklearn.pipeline import Pipeline

    def best_k(X, y, ks):
        from sklearn.model_selection import GridSearchCV
        pipe = Pipeline([("scaler", StandardScaler()), ("knn", KNeighborsClassifier())])
        search = GridSearchCV(pipe, {"knn__n_neighbors": list(ks)}, cv=5)
        search.fit(X, y)
        return search.best_params_["knn__n_neighbors"]

    # set_params_best_k:
    def best_k(X, y, ks):
        pipe = make_pipeline(StandardScaler(), KNeighborsClassifier())
        means = [
            cross_val_score(pipe.set_params(kneighborsclassifier__n_neighbors=k), X, y, cv=5).mean()
            for k in ks
        ]
        return ks[means.index(max(means))]

    # series_idxmax_best_k:
    def best_k(X, y, ks):
        table = pd.Series(
            [cross_val_score(make_pipeline(StandardScaler(), KNeighborsClassifier(k)), X, y, cv=5).mean() for k in ks],
            index=list(ks),
        )
        return table.idxmax()

    # stable_sort_best_k:
    def best_k(X, y, ks):
        results = []
        for position, k in enumerate(ks):
            model = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            acc = cross_val_score(model, X, y, cv=5).mean()
            results.append((-acc, position, k))
        results.sort()
        return results[0][2]

    # named_aggregation_summary:
    def summary(frame):
        result = frame.groupby("model").agg(mean=("accuracy", "mean"), count=("accuracy", "count"))
        fig, ax = plt.subplots()
        ax.bar(range(len(result)), result["mean"])
        ax.set_xticks(range(len(result)), result.index)
        ax.set_title("Group means")
        ax.set_xlabel("Model")
        ax.set_ylabel("Mean accuracy")
        return result

    # pandas_plot_summary:
    def summary(frame):
        out = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        ax = out["mean"].plot(kind="bar", title="Mean accuracy of each model")
        ax.set_xlabel("model")
        ax.set_ylabel("mean accuracy")
        plt.tight_layout()
        return out

    # ax_set_summary:
    def summary(frame):
        groups = frame.groupby("model")["accuracy"]
        out = pd.DataFrame({"mean": groups.mean(), "count": groups.count()})
        ax = out["mean"].plot.bar(color="steelblue", rot=0)
        ax.set(title="Average", xlabel="Model", ylabel="Mean accuracy")
        return out

    # loop_summary:
    def summary(frame):
        rows = []
        for name, part in frame.groupby("model"):
            rows.append({"model": name, "mean": part["accuracy"].mean(), "count": part["accuracy"].count()})
        table = pd.DataFrame(rows).set_index("model")
        plt.figure(figsize=(6, 4))
        plt.bar([str(g) for g in table.index], table["mean"].values)
        plt.title("Mean per group")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # pivot_summary:
    def summary(frame):
        pivot = frame.pivot_table(index="model", values="accuracy", aggfunc=["mean", "count"])
        pivot.columns = ["mean", "count"]
        plt.bar(x=np.arange(len(pivot)), height=pivot["mean"], tick_label=pivot.index)
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        plt.title("Summary")
        plt.show()
        return pivot

    # concat_summary:
    def summary(frame):
        means = frame.groupby("model")["accuracy"].mean().rename("mean")
        counts = frame.groupby("model")["accuracy"].count().rename("count")
        both = pd.concat([means, counts], axis=1)
        plt.title("Means by group")
        plt.ylabel("mean accuracy")
        plt.xlabel("model")
        for i, (name, row) in enumerate(both.iterrows()):
            plt.bar(i, row["mean"], color="C0")
        plt.xticks(range(len(both)), both.index)
        return both

    # wide_bars_summary:
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        fig, ax = plt.subplots()
        ax.bar(table.index, table["mean"], width=2.5, alpha=0.3)
        ax.set(xlabel="model", ylabel="mean accuracy", title="Overlapping, and each above its name")
        plt.show()
        return table
    """,
    CELLS,
)

WRONG = answers(
    """
    # scale_test_with_own_statistics: scale: test_set_scaled_by_itself
    # fit_transform is called on the test set too, so it is scaled with its own mean and deviation.
    def scale(X_train, X_test):
        scaler = StandardScaler()
        X_train = scaler.fit_transform(X_train)
        X_test = scaler.fit_transform(X_test)
        return X_train, X_test

    # scale_fit_on_both: scale: learned_from_the_test_set
    # The scaler is fitted on training and test data together, which leaks the test set.
    def scale(X_train, X_test):
        everything = np.concatenate([X_train, X_test])
        scaler = StandardScaler().fit(everything)
        return scaler.transform(X_train), scaler.transform(X_test)

    # scale_sample_deviation: scale: sample_deviation
    # pandas' std is the sample deviation (n-1), not the population deviation.
    def scale(X_train, X_test):
        train, test = pd.DataFrame(X_train), pd.DataFrame(X_test)
        mean, std = train.mean(), train.std()
        return ((train - mean) / std).values, ((test - mean) / std).values

    # scale_divides_by_variance: scale: variance_for_deviation
    # Divides by the variance instead of the standard deviation.
    def scale(X_train, X_test):
        mu = X_train.mean(axis=0)
        var = X_train.var(axis=0)
        return (X_train - mu) / var, (X_test - mu) / var

    # scale_only_centres: scale: not_divided_by_the_deviation division_forgotten
    # Only subtracts the mean and never divides by the deviation.
    def scale(X_train, X_test):
        center = np.mean(X_train, axis=0)
        return X_train - center, X_test - center

    # scale_min_max: scale: range_for_deviation
    # Scales to [0, 1] with minimum and maximum instead of standardising.
    def scale(X_train, X_test):
        lo = X_train.min(axis=0)
        hi = X_train.max(axis=0)
        return (X_train - lo) / (hi - lo), (X_test - lo) / (hi - lo)

    # scale_no_axis: scale: axis_forgotten
    # Without axis=0, one mean and deviation over all the columns are used rather than one per column.
    def scale(X_train, X_test):
        m = np.mean(X_train)
        s = np.std(X_train)
        return (X_train - m) / s, (X_test - m) / s

    # scale_by_rows: scale: each_row_for_itself
    # Standardises each row (axis=1) instead of each column with the training statistics.
    def scale(X_train, X_test):
        def standardise(A):
            return (A - A.mean(axis=1, keepdims=True)) / A.std(axis=1, keepdims=True)

        return standardise(X_train), standardise(X_test)

    # scale_test_left_alone: scale: test_set_not_scaled
    # The test set is returned unscaled.
    def scale(X_train, X_test):
        scaler = StandardScaler()
        X_train_scaled = scaler.fit_transform(X_train)
        return X_train_scaled, X_test

    # scale_swapped_return: scale: returned_in_the_wrong_order
    # Returns test and train in the wrong order.
    def scale(X_train, X_test):
        sc = StandardScaler().fit(X_train)
        test = sc.transform(X_test)
        train = sc.transform(X_train)
        return test, train

    # scale_returns_train_only: scale: one_of_several_returned
    # Returns only the scaled training set, not both.
    def scale(X_train, X_test):
        scaler = StandardScaler()
        scaler.fit(X_train)
        X_test = scaler.transform(X_test)
        return scaler.transform(X_train)

    # scale_fit_on_test: scale: fitted_on_the_test_set
    # The scaler is fitted on the test set instead of the training set.
    def scale(X_train, X_test):
        scaler = StandardScaler()
        scaler.fit(X_test)
        return scaler.transform(X_train), scaler.transform(X_test)

    # scale_test_not_centred: scale: term_forgotten
    # The test set is divided by the deviation but the mean is not subtracted.
    def scale(X_train, X_test):
        mean = X_train.mean(axis=0)
        std = X_train.std(axis=0)
        train = (X_train - mean) / std
        test = X_test / std
        return train, test

    # scale_test_own_deviation: scale: test_set_scaled_by_itself
    # The test set is divided by its own deviation rather than the training set's.
    def scale(X_train, X_test):
        mu = X_train.mean(axis=0)
        train_scaled = (X_train - mu) / X_train.std(axis=0)
        test_scaled = (X_test - mu) / X_test.std(axis=0)
        return train_scaled, test_scaled

    # scale_changes_input: scale: scaled_in_place
    # Scales in place, so the caller's arrays are overwritten.
    def scale(X_train, X_test):
        mu, sigma = X_train.mean(axis=0), X_train.std(axis=0)
        X_train -= mu
        X_train /= sigma
        X_test -= mu
        X_test /= sigma
        return X_train, X_test

    # scale_statistics_after_scaling: scale: test_set_not_scaled
    # X_train is overwritten first, so the test set is scaled with mean 0 and deviation 1, i.e. not at all.
    def scale(X_train, X_test):
        X_train = (X_train - X_train.mean(axis=0)) / X_train.std(axis=0)
        X_test = (X_test - X_train.mean(axis=0)) / X_train.std(axis=0)
        return X_train, X_test

    # scale_precedence: scale: parentheses_forgotten
    # Missing parentheses: mean / std is subtracted rather than the difference divided.
    def scale(X_train, X_test):
        mean = X_train.mean(axis=0)
        std = X_train.std(axis=0)
        return X_train - mean / std, X_test - mean / std

    # scale_robust: scale: other_scaler
    # Uses median and interquartile range (robust scaling) instead of mean and deviation.
    def scale(X_train, X_test):
        center = np.median(X_train, axis=0)
        q1, q3 = np.percentile(X_train, [25, 75], axis=0)
        return (X_train - center) / (q3 - q1), (X_test - center) / (q3 - q1)

    # scale_unit_rows: scale: other_scaler
    # Normalizer scales every row to unit length, which is not standardisation of the columns.
    def scale(X_train, X_test):
        from sklearn.preprocessing import Normalizer
        norm = Normalizer()
        return norm.fit_transform(X_train), norm.transform(X_test)

    # scale_mean_absolute_deviation: scale: mean_deviation
    # Divides by the mean absolute deviation instead of the standard deviation.
    def scale(X_train, X_test):
        mu = X_train.mean(axis=0)
        deviation = np.abs(X_train - mu).mean(axis=0)
        return (X_train - mu) / deviation, (X_test - mu) / deviation

    # pipeline_not_fitted: fitted_pipeline: not_fitted
    # The pipeline is returned without being fitted.
    def fitted_pipeline(X, y):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        return pipe

    # pipeline_without_scaler: fitted_pipeline: scaler_left_out
    # The StandardScaler step is missing.
    def fitted_pipeline(X, y):
        model = make_pipeline(LogisticRegression(max_iter=1000))
        model.fit(X, y)
        return model

    # pipeline_steps_reversed: fitted_pipeline: steps_swapped
    # The steps are in the wrong order: the classifier comes before the scaler, which raises a TypeError.
    from sklearn.pipeline import Pipeline

    def fitted_pipeline(X, y):
        pipe = Pipeline([("clf", LogisticRegression()), ("scaler", StandardScaler())])
        pipe.fit(X, y)
        return pipe

    # pipeline_returns_classifier: fitted_pipeline: last_step_for_the_pipeline
    # Returns only the classifier inside the pipeline, which expects already scaled data.
    def fitted_pipeline(X, y):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        pipe.fit(X, y)
        return pipe.named_steps["logisticregression"]

    # pipeline_scaled_twice: fitted_pipeline: scaled_outside_the_pipeline fitted_on_other_data
    # X is scaled before fitting the pipeline, so its scaler learns mean 0 and deviation 1 and raw data is not scaled at prediction.
    def fitted_pipeline(X, y):
        X_scaled = StandardScaler().fit_transform(X)
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        return pipe.fit(X_scaled, y)

    # pipeline_knn: fitted_pipeline: other_model
    # The classifier is k nearest neighbours rather than logistic regression.
    from sklearn.pipeline import Pipeline

    def fitted_pipeline(X, y):
        pipeline = Pipeline([("scale", StandardScaler()), ("model", KNeighborsClassifier())])
        return pipeline.fit(X, y)

    # pipeline_fit_on_part: fitted_pipeline: fitted_on_a_part
    # Splits off 20 percent of the data, so the pipeline is not fitted on all of X and y.
    def fitted_pipeline(X, y):
        from sklearn.model_selection import train_test_split
        X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        pipe.fit(X_train, y_train)
        return pipe

    # pipeline_strong_regularisation: fitted_pipeline: other_settings
    # Sets C=0.01, a far stronger regularisation than the default that was asked for.
    def fitted_pipeline(X, y):
        clf = LogisticRegression(C=0.01)
        return make_pipeline(StandardScaler(), clf).fit(X, y)

    # pipeline_returns_predictions: fitted_pipeline: predictions_for_the_model
    # Returns the predictions on X instead of the fitted pipeline.
    def fitted_pipeline(X, y):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        pipe.fit(X, y)
        return pipe.predict(X)

    # pipeline_scaler_without_std: fitted_pipeline: not_divided_by_the_deviation
    # The scaler has with_std=False, so the features are centred but not brought to unit deviation.
    def fitted_pipeline(X, y):
        scaler = StandardScaler(with_std=False)
        pipe = make_pipeline(scaler, LogisticRegression(max_iter=5000))
        pipe.fit(X, y)
        return pipe

    # pipeline_returns_pair: fitted_pipeline: steps_for_the_pipeline
    # Returns a tuple of scaler and classifier instead of a pipeline.
    def fitted_pipeline(X, y):
        scaler = StandardScaler()
        clf = LogisticRegression()
        clf.fit(scaler.fit_transform(X), y)
        return scaler, clf

    # pipeline_balanced_weights: fitted_pipeline: other_settings
    # Uses class_weight='balanced', which changes the fitted model when classes are unequal in size.
    from sklearn.pipeline import Pipeline

    def fitted_pipeline(X, y):
        steps = [("s", StandardScaler()), ("lr", LogisticRegression(class_weight="balanced"))]
        return Pipeline(steps).fit(X, y)

    # pipeline_linear_regression: fitted_pipeline: regressor_for_classifier
    # Uses LinearRegression, which predicts numbers rather than classes.
    def fitted_pipeline(X, y):
        from sklearn.linear_model import LinearRegression
        return make_pipeline(StandardScaler(), LinearRegression()).fit(X, y)

    # pipeline_min_max: fitted_pipeline: range_for_deviation
    # Uses MinMaxScaler in place of StandardScaler.
    def fitted_pipeline(X, y):
        from sklearn.preprocessing import MinMaxScaler
        pipe = make_pipeline(MinMaxScaler(), LogisticRegression())
        pipe.fit(X, y)
        return pipe

    # pipeline_no_intercept: fitted_pipeline: other_settings
    # Turns the intercept off; centred features do not make it superfluous when the classes are unequal.
    def fitted_pipeline(X, y):
        # data is centred, so no intercept needed
        model = make_pipeline(StandardScaler(), LogisticRegression(fit_intercept=False))
        return model.fit(X, y)

    # pipeline_scaler_outside: fitted_pipeline: scaled_outside_the_pipeline scaler_left_out
    # The scaling happens outside the pipeline, so the returned pipeline does not scale new data.
    from sklearn.pipeline import Pipeline

    def fitted_pipeline(X, y):
        X = StandardScaler().fit_transform(X)
        pipe = Pipeline([("clf", LogisticRegression())])
        pipe.fit(X, y)
        return pipe

    # report_sample_std: report: sample_deviation
    # pandas' std divides by n-1, so it is the sample and not the population deviation.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = pd.Series(cross_val_score(pipe, X, y, cv=cv))
        return {"mean": scores.mean(), "std": scores.std(), "name": "LogisticRegression"}

    # report_training_accuracy: report: trained_rows_scored
    # Scores each fold on its training part, so this is the training accuracy.
    def report(X, y, cv=5):
        from sklearn.model_selection import StratifiedKFold
        clf = LogisticRegression()
        scores = []
        for train, test in StratifiedKFold(cv).split(X, y):
            pipe = make_pipeline(StandardScaler(), clf).fit(X[train], y[train])
            scores.append(pipe.score(X[train], y[train]))
        return {"mean": np.mean(scores), "std": np.std(scores), "name": type(clf).__name__}

    # report_ignores_cv: report: argument_ignored(cv) argument_not_passed_on(cv)
    # The cv argument is not passed on, so there are always five folds.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(pipe, X, y)
        return {"mean": scores.mean(), "std": scores.std(), "name": "LogisticRegression"}

    # report_standard_error: report: standard_error_for_deviation
    # std is the standard error (divided by the root of the number of folds), not the deviation.
    def report(X, y, cv=5):
        model = make_pipeline(StandardScaler(), LogisticRegression())
        acc = cross_val_score(model, X, y, cv=cv)
        return {
            "mean": acc.mean(),
            "std": acc.std() / np.sqrt(len(acc)),
            "name": model[-1].__class__.__name__,
        }

    # report_variance: report: variance_for_deviation
    # The square root is missing, so std is the variance.
    def report(X, y, cv=5):
        clf = LogisticRegression()
        scores = cross_val_score(make_pipeline(StandardScaler(), clf), X, y, cv=cv)
        mean = sum(scores) / cv
        std = sum((s - mean) ** 2 for s in scores) / cv
        return {"mean": mean, "std": std, "name": clf.__class__.__name__}

    # report_pipeline_name: report: other_text
    # name is the pipeline's class, 'Pipeline', instead of the classifier's.
    def report(X, y, cv=5):
        model = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(model, X, y, cv=cv)
        return {"mean": scores.mean(), "std": scores.std(), "name": type(model).__name__}

    # report_step_name: report: other_text
    # name is the step's name 'logisticregression' in the pipeline and not the class name.
    def report(X, y, cv=5):
        model = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(model, X, y, cv=cv)
        name, clf = model.steps[-1]
        return {"mean": np.mean(scores), "std": np.std(scores), "name": name}

    # report_without_scaling: report: scaler_left_out
    # Cross-validates the bare classifier without the StandardScaler.
    def report(X, y, cv=5):
        clf = LogisticRegression(max_iter=1000)
        scores = cross_val_score(clf, X, y, cv=cv)
        return {"mean": scores.mean(), "std": scores.std(), "name": type(clf).__name__}

    # report_f1: report: other_score
    # Scores with the macro F1 instead of accuracy.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(pipe, X, y, cv=cv, scoring="f1_macro")
        return {"mean": scores.mean(), "std": scores.std(), "name": "LogisticRegression"}

    # report_median: report: median_for_mean
    # mean holds the median of the folds.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(pipe, X, y, cv=cv)
        return {"mean": np.median(scores), "std": np.std(scores), "name": "LogisticRegression"}

    # report_wrong_keys: report
    # The dict's keys are not 'mean', 'std' and 'name'.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(pipe, X, y, cv=cv)
        return {
            "mean_accuracy": scores.mean(),
            "std_accuracy": scores.std(),
            "classifier": "LogisticRegression",
        }

    # report_tuple: report: values_without_names
    # Returns a tuple instead of a dict.
    from sklearn.pipeline import Pipeline

    def report(X, y, cv=5):
        clf = LogisticRegression()
        pipe = Pipeline([("scaler", StandardScaler()), ("clf", clf)])
        scores = cross_val_score(pipe, X, y, cv=cv)
        return scores.mean(), scores.std(), type(clf).__name__

    # report_percent: report: scores_in_percent
    # Mean and deviation are in percent rather than shares.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = 100 * cross_val_score(pipe, X, y, cv=cv)
        return {"mean": scores.mean(), "std": scores.std(), "name": "LogisticRegression"}

    # report_other_classifier: report: other_model
    # The accuracies come from a k-nearest-neighbours pipeline although the name says LogisticRegression.
    def report(X, y, cv=5):
        clf = LogisticRegression()
        pipe = make_pipeline(StandardScaler(), KNeighborsClassifier())
        scores = cross_val_score(pipe, X, y, cv=cv)
        return {"mean": scores.mean(), "std": scores.std(), "name": type(clf).__name__}

    # report_error_rate: report: share_of_wrong_answers
    # mean is the error rate, not the accuracy.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        errors = 1 - cross_val_score(pipe, X, y, cv=cv)
        return {"mean": errors.mean(), "std": errors.std(), "name": "LogisticRegression"}

    # report_class_object: report
    # name is the class object itself instead of its name as a string.
    def report(X, y, cv=5):
        model = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(model, X, y, cv=cv)
        return {"mean": scores.mean(), "std": scores.std(), "name": type(model[-1])}

    # report_metaclass_name: report
    # Takes __class__ of the class rather than of an instance, so name is the metaclass' name.
    def report(X, y, cv=5):
        Model = LogisticRegression
        scores = cross_val_score(make_pipeline(StandardScaler(), Model()), X, y, cv=cv)
        return {"mean": scores.mean(), "std": scores.std(), "name": Model.__class__.__name__}

    # report_rounded: report: rounded
    # Rounds mean and deviation to one decimal, which loses nearly all the information.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(pipe, X, y, cv=cv)
        return {
            "mean": round(scores.mean(), 1),
            "std": round(scores.std(), 1),
            "name": "LogisticRegression",
        }

    # report_last_fold: report: one_fold_for_all
    # mean is overwritten in the loop and holds the last fold's accuracy only.
    def report(X, y, cv=5):
        scores = cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), X, y, cv=cv)
        for score in scores:
            mean = np.mean(score)
        return {"mean": mean, "std": scores.std(), "name": "LogisticRegression"}

    # report_method_not_called: report: not_called
    # The parentheses are missing, so mean and std are methods and not numbers.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(pipe, X, y, cv=cv)
        return {"mean": scores.mean, "std": scores.std, "name": "LogisticRegression"}

    # report_swapped_mean_std: report: returned_in_the_wrong_order
    # The values of mean and std are swapped.
    def report(X, y, cv=5):
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = cross_val_score(pipe, X, y, cv=cv)
        keys = ["mean", "std", "name"]
        values = [np.std(scores), np.mean(scores), "LogisticRegression"]
        return dict(zip(keys, values))

    # report_one_split: report: other_folds
    # Uses repeated random splits rather than cross-validation, so the test parts overlap and differ from the folds.
    def report(X, y, cv=5):
        from sklearn.model_selection import train_test_split
        pipe = make_pipeline(StandardScaler(), LogisticRegression())
        scores = []
        for seed in range(cv):
            X1, X2, y1, y2 = train_test_split(X, y, test_size=1 / cv, random_state=seed)
            scores.append(pipe.fit(X1, y1).score(X2, y2))
        return {"mean": np.mean(scores), "std": np.std(scores), "name": "LogisticRegression"}

    # best_k_returns_score: best_k: best_score_returned
    # Returns the best accuracy rather than the k that reaches it.
    def best_k(X, y, ks):
        scores = []
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            scores.append(cross_val_score(pipe, X, y, cv=5).mean())
        return max(scores)

    # best_k_returns_index: best_k: position_of_the_best
    # Returns the position of the best k in ks instead of the k.
    def best_k(X, y, ks):
        means = []
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            means.append(cross_val_score(pipe, X, y, cv=5).mean())
        return int(np.argmax(means))

    # best_k_last_of_ties: best_k: boundary_in_or_out
    # Uses >=, so among equally good k it returns the last and not the first.
    def best_k(X, y, ks):
        best, best_score = None, 0
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(k))
            score = cross_val_score(pipe, X, y, cv=5).mean()
            if score >= best_score:
                best, best_score = k, score
        return best

    # best_k_without_scaling: best_k: scaler_left_out
    # The features are not standardised before k nearest neighbours.
    def best_k(X, y, ks):
        results = {}
        for k in ks:
            knn = KNeighborsClassifier(n_neighbors=k)
            results[k] = cross_val_score(knn, X, y, cv=5).mean()
        return max(results, key=results.get)

    # best_k_worst: best_k: worst_chosen
    # argmin picks the k with the worst mean accuracy.
    def best_k(X, y, ks):
        scores = [
            cross_val_score(make_pipeline(StandardScaler(), KNeighborsClassifier(k)), X, y, cv=5).mean()
            for k in ks
        ]
        return ks[int(np.argmin(scores))]

    # best_k_training_accuracy: best_k: scored_on_the_training_set trained_rows_scored
    # Chooses by the accuracy on the training data instead of cross-validation, which favours the smallest k.
    def best_k(X, y, ks):
        def score(k):
            model = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            model.fit(X, y)
            return model.score(X, y)

        return max(ks, key=score)

    # best_k_best_single_fold: best_k: one_fold_for_all
    # Compares the best single fold of each k rather than the mean over the folds.
    def best_k(X, y, ks):
        best_fold = {}
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            best_fold[k] = cross_val_score(pipe, X, y, cv=5).max()
        return max(best_fold, key=best_fold.get)

    # best_k_three_folds: best_k: other_number_of_folds
    # Uses three folds instead of five.
    from sklearn.pipeline import Pipeline

    def best_k(X, y, ks):
        means = []
        for k in ks:
            model = Pipeline([("s", StandardScaler()), ("knn", KNeighborsClassifier(n_neighbors=k))])
            means.append(np.mean(cross_val_score(model, X, y, cv=3)))
        return ks[means.index(max(means))]

    # best_k_ignores_ks: best_k: own_candidates
    # Tries k = 1 to 10 whatever the candidates in ks.
    def best_k(X, y, ks):
        scores = {}
        for k in range(1, 11):
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            scores[k] = cross_val_score(pipe, X, y, cv=5).mean()
        return max(scores, key=scores.get)

    # best_k_returns_in_loop: best_k: returned_in_the_loop
    # return is inside the loop, so only the first candidate is tried.
    def best_k(X, y, ks):
        best, best_score = ks[0], -1
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            score = cross_val_score(pipe, X, y, cv=5).mean()
            if score > best_score:
                best_score = score
                best = k
            return best

    # best_k_never_set: best_k: default_setting
    # k is never passed to the classifier, so all candidates score the same and the first is returned.
    def best_k(X, y, ks):
        pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=len(ks)))
        accs = []
        for k in ks:
            accs.append(cross_val_score(pipe, X, y, cv=5).mean())
        return ks[int(np.argmax(accs))]

    # best_k_sorted_first: best_k: candidates_sorted
    # Sorts ks, so of several equal ones the smallest is returned rather than the first in ks.
    def best_k(X, y, ks):
        ks = sorted(ks)
        means = [
            cross_val_score(make_pipeline(StandardScaler(), KNeighborsClassifier(k)), X, y, cv=5).mean()
            for k in ks
        ]
        return ks[int(np.argmax(means))]

    # best_k_rounded_scores: best_k: score_rounded
    # Rounds the accuracies to one decimal before comparing, which makes different k look equal.
    def best_k(X, y, ks):
        scores = {}
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            scores[k] = round(cross_val_score(pipe, X, y, cv=5).mean(), 1)
        return max(scores, key=scores.get)

    # best_k_odd_only: best_k: own_candidates
    # Skips the even candidates, although any k of ks may be the best.
    def best_k(X, y, ks):
        best, best_score = None, -1
        for k in ks:
            if k % 2 == 0:      # avoid ties in the vote
                continue
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            score = cross_val_score(pipe, X, y, cv=5).mean()
            if score > best_score:
                best, best_score = k, score
        return best

    # best_k_scaled_before_folds: best_k: scaled_before_the_folds
    # Standardises all the data before cross-validating, so the test folds leak into the scaler.
    def best_k(X, y, ks):
        Xs = StandardScaler().fit_transform(X)
        means = []
        for k in ks:
            means.append(cross_val_score(KNeighborsClassifier(n_neighbors=k), Xs, y, cv=5).mean())
        return ks[int(np.argmax(means))]

    # best_k_most_stable: best_k: spread_for_mean
    # Chooses the k with the smallest spread over the folds rather than the best mean accuracy.
    def best_k(X, y, ks):
        spread = {}
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            spread[k] = np.std(cross_val_score(pipe, X, y, cv=5))
        return min(spread, key=spread.get)

    # best_k_score_not_updated: best_k: best_score_not_kept
    # best_score is never updated, so every k beats it and the last one is returned.
    def best_k(X, y, ks):
        best_score = 0
        chosen = ks[0]
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            acc = cross_val_score(pipe, X, y, cv=5).mean()
            if acc > best_score:
                chosen = k
        return chosen

    # best_k_distance_weights: best_k: other_settings
    # Weights the neighbours by distance, which is not the plain k-nearest-neighbours vote.
    def best_k(X, y, ks):
        scores = []
        for k in ks:
            knn = KNeighborsClassifier(n_neighbors=k, weights="distance")
            scores.append(cross_val_score(make_pipeline(StandardScaler(), knn), X, y, cv=5).mean())
        return ks[scores.index(max(scores))]

    # best_k_holdout: best_k: one_split_for_folds
    # Uses a single hold-out split instead of five-fold cross-validation.
    def best_k(X, y, ks):
        from sklearn.model_selection import train_test_split
        X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.2, random_state=0)
        scores = {}
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
            scores[k] = pipe.fit(X_tr, y_tr).score(X_va, y_va)
        return max(scores, key=scores.get)

    # best_k_wrong_keyword: best_k
    # The parameter is called n_neighbors; KNeighborsClassifier(k=k) raises a TypeError.
    def best_k(X, y, ks):
        scores = []
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(k=k))
            scores.append(cross_val_score(pipe, X, y, cv=5).mean())
        return ks[int(np.argmax(scores))]

    # best_k_off_by_one: best_k
    # Each candidate is evaluated with k+1 neighbours.
    def best_k(X, y, ks):
        means = []
        for k in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k + 1))
            means.append(cross_val_score(pipe, X, y, cv=5).mean())
        return ks[int(np.argmax(means))]

    # best_k_returns_dict: best_k
    # Returns the accuracies of all candidates instead of the best k.
    def best_k(X, y, ks):
        return {
            k: cross_val_score(
                make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k)), X, y, cv=5
            ).mean()
            for k in ks
        }

    # summary_no_plot: summary: nothing_drawn
    # Computes the table but draws no plot.
    def summary(frame):
        return frame.groupby("model")["accuracy"].agg(["mean", "count"])

    # summary_no_title: summary: label_forgotten
    # The plot has no title.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        plt.bar(table.index, table["mean"])
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_no_y_label: summary: label_forgotten
    # The y axis has no label.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        ax = table["mean"].plot.bar()
        ax.set_title("Means per model")
        ax.set_xlabel("model")
        return table

    # summary_no_x_label: summary: label_forgotten
    # The x axis has no label.
    def summary(frame):
        stats = frame.groupby("model").agg(mean=("accuracy", "mean"), count=("accuracy", "count"))
        fig, ax = plt.subplots()
        ax.bar(stats.index, stats["mean"])
        ax.set_title("Means per model")
        ax.set_ylabel("mean accuracy")
        return stats

    # summary_plots_counts: summary: other_column_drawn
    # The bars show the counts, not the means.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        plt.bar(table.index, table["count"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_median: summary: median_for_mean
    # The column mean holds the median of each model.
    def summary(frame):
        grouped = frame.groupby("model")["accuracy"]
        table = pd.DataFrame({"mean": grouped.median(), "count": grouped.count()})
        plt.bar(table.index, table["mean"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_multi_index_columns: summary: columns_in_two_levels
    # The columns are a two-level index ('accuracy', 'mean') rather than plain 'mean' and 'count'.
    def summary(frame):
        table = frame.groupby("model").agg({"accuracy": ["mean", "count"]})
        plt.bar(table.index, table[("accuracy", "mean")])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_group_as_column: summary: key_as_a_column
    # The model is an ordinary column instead of the index.
    def summary(frame):
        table = frame.groupby("model", as_index=False).agg(mean=("accuracy", "mean"), count=("accuracy", "count"))
        plt.bar(table["model"], table["mean"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_counts_distinct: summary: distinct_values_counted
    # count is the number of distinct values, so repeated values are counted once.
    def summary(frame):
        g = frame.groupby("model")["accuracy"]
        table = pd.DataFrame({"mean": g.mean(), "count": g.nunique()})
        table["mean"].plot(kind="bar")
        plt.title("Means of the models")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_groups_by_value: summary
    # Groups by accuracy instead of by model, so there is a row for every distinct accuracy.
    def summary(frame):
        table = frame.groupby("accuracy")["model"].agg(["count"])
        table["mean"] = table.index
        plt.bar(table.index, table["mean"])
        plt.title("Means")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_line_plot: summary: line_for_bars
    # Draws a line instead of bars.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        plt.plot(table.index, table["mean"], marker="o")
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_series_only: summary: one_statistic_of_several
    # Returns only the series of means, without the counts.
    def summary(frame):
        means = frame.groupby("model")["accuracy"].mean()
        means.plot(kind="bar")
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return means

    # summary_returns_axes: summary: figure_for_table
    # Returns the axes of the plot instead of the DataFrame.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        ax = table["mean"].plot.bar(title="Mean by model")
        ax.set_xlabel("model")
        ax.set_ylabel("mean accuracy")
        return ax

    # summary_total_count: summary: rows_of_all_groups_counted
    # count is the number of rows of the whole frame in every model.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].mean().to_frame("mean")
        table["count"] = len(frame)
        plt.bar(table.index, table["mean"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_labels_on_new_figure: summary: labels_in_another_figure
    # plt.figure() opens a new figure after the bars are drawn, so the labels sit on an empty plot and the bars have none.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        plt.bar(table.index, table["mean"])
        plt.figure(figsize=(8, 4))
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_plots_raw_values: summary: rows_drawn
    # Draws a bar for each raw row (on top of each other) and not the model means.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        plt.bar(frame["model"], frame["accuracy"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_first_five_groups: summary: first_rows_only
    # head() keeps only the first five models.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"]).head()
        plt.bar(table.index, table["mean"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_misaligned_bars: summary: bars_sorted_alone
    # The bar heights are sorted but the model names are not, so bars stand over the wrong model.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        heights = sorted(table["mean"], reverse=True)
        plt.bar(table.index, heights)
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_rounded_means: summary: table_rounded
    # round() rounds the means to whole numbers.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"]).round()
        plt.bar(table.index, table["mean"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_row_per_row: summary
    # transform keeps one row per row of the frame rather than one per model.
    def summary(frame):
        grouped = frame.groupby("model")["accuracy"]
        table = pd.DataFrame({"mean": grouped.transform("mean"), "count": grouped.transform("count")})
        table.index = frame["model"]
        plt.bar(table.index, table["mean"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_assigns_labels: summary: label_forgotten
    # The labels are assigned as attributes (ax.title = ...) instead of being set with set_title and so on.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        fig, ax = plt.subplots()
        ax.bar(table.index, table["mean"])
        ax.title = "Mean by model"
        ax.xlabel = "model"
        ax.ylabel = "mean accuracy"
        return table

    # summary_sum: summary: sum_for_mean
    # The column called mean holds the sum of each model.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["sum", "count"])
        table.columns = ["mean", "count"]
        plt.bar(table.index, table["mean"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_overall_mean: summary: mean_of_all_rows
    # mean is the overall mean of accuracy, the same for every model.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["count"])
        table.insert(0, "mean", frame["accuracy"].mean())
        plt.bar(table.index, table["mean"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_histogram: summary: histogram_for_bars
    # Draws a histogram of the means, whose bars are counts, and not a bar for each model's mean.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        plt.hist(table["mean"], bins=len(table))
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_columns_renamed: summary
    # The columns are called avg_value and n instead of mean and count.
    def summary(frame):
        table = frame.groupby("model").agg(avg_value=("accuracy", "mean"), n=("accuracy", "count"))
        plt.bar(table.index, table["avg_value"])
        plt.title("Mean by model")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        return table

    # summary_bars_named_by_appearance: summary: bars_sorted_alone
    # the bars carry the names in order of appearance while the heights are in alphabetical order
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        labels = frame["model"].unique()
        x = np.arange(len(labels))
        fig, ax = plt.subplots()
        ax.bar(x, table["mean"].values)
        ax.set_xticks(x)
        ax.set_xticklabels(labels)
        ax.set(xlabel="model", ylabel="mean accuracy", title="Which one is the best?")
        plt.show()
        return table

    # summary_sorts_callers_frame: summary: input_changed
    # it sorts the frame in place, so the caller's frame has its rows in another order
    def summary(frame):
        frame.sort_values("model", inplace=True)
        rows = {}
        for name, part in frame.groupby("model"):
            rows[name] = {"mean": part["accuracy"].mean(), "count": part["accuracy"].count()}
        table = pd.DataFrame.from_dict(rows, orient="index")
        table["count"] = table["count"].astype(int)
        table.index.name = "model"
        plt.bar(table.index, table["mean"])
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        plt.title("Mean accuracy")
        plt.show()
        return table

    # pipeline_encoded_labels: fitted_pipeline: fitted_on_other_data
    # the classes are replaced by numbers before fitting, so it predicts numbers instead of the classes in y
    from sklearn.preprocessing import LabelEncoder

    def fitted_pipeline(X, y):
        # models need numbers
        y_numbers = LabelEncoder().fit_transform(y)
        return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y_numbers)

    # report_difference_of_labels: report
    # it takes one minus the mean difference of the labels as accuracy, wrong for classes that are not neighbours, impossible for text
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold

    def report(X, y, cv=5):
        pipeline = make_pipeline(StandardScaler(), LogisticRegression())
        result = []
        for train_index, test_index in StratifiedKFold(cv).split(X, y):
            model = clone(pipeline).fit(X[train_index], y[train_index])
            y_pred = model.predict(X[test_index])
            errors = np.abs(y_pred - y[test_index])
            result.append(1 - errors.mean())
        return {"mean": np.mean(result), "std": np.std(result), "name": "LogisticRegression"}

    # summary_zero_is_missing: summary: zeros_left_out
    # an accuracy of 0 is taken for a missing one and counts neither in the mean nor in the count
    def summary(frame):
        means = []
        counts = []
        names = sorted(frame["model"].unique())
        for name in names:
            values = [a for a in frame.loc[frame["model"] == name, "accuracy"] if a and not np.isnan(a)]
            counts.append(len(values))
            means.append(sum(values) / len(values) if values else np.nan)
        table = pd.DataFrame({"mean": means, "count": counts}, index=pd.Index(names, name="model"))
        plt.figure(figsize=(5, 3))
        plt.bar(names, means)
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        plt.title("Mean accuracy by model")
        plt.show()
        return table

    # best_k_stops_when_it_gets_worse: best_k: stopped_at_a_worse_one
    # it stops at the first k that is worse than the best so far and never tries the rest of ks
    def best_k(X, y, ks):
        best, best_score = None, -1
        for k in ks:
            score = cross_val_score(make_pipeline(StandardScaler(), KNeighborsClassifier(k)), X, y, cv=5).mean()
            if score > best_score:
                best, best_score = k, score
            elif score < best_score:
                break
        return best

    # summary_sorted_by_mean: summary: rows_sorted_by_a_statistic
    # The table is sorted by the mean instead of alphabetically.
    def summary(frame):
        t = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        t = t.sort_values("mean")
        fig, ax = plt.subplots()
        ax.bar(t.index, t["mean"])
        ax.set_xlabel("model")
        ax.set_ylabel("mean accuracy")
        ax.set_title("from worst to best")
        plt.show()
        return t

    # scale_empty_like_truncates: scale: made_like_integers
    # The results are written into arrays of the input's type, so whole-number measurements give truncated results.
    def scale(X_train, X_test):
        train_new = np.empty_like(X_train)
        test_new = np.empty_like(X_test)
        for col in range(X_train.shape[1]):
            m = np.mean(X_train[:, col])
            s = np.std(X_train[:, col])
            train_new[:, col] = (X_train[:, col] - m) / s
            test_new[:, col] = (X_test[:, col] - m) / s
        return train_new, test_new

    # report_pooled_accuracy: report: pooled_over_the_folds
    # The mean is the share of right predictions among all rows, not the mean of the folds' accuracies, which differs when folds differ in size.
    from sklearn.metrics import accuracy_score
    from sklearn.model_selection import cross_val_predict

    def report(X, y, cv=5):
        model = make_pipeline(StandardScaler(), LogisticRegression())
        y_pred = cross_val_predict(model, X, y, cv=cv)
        mean = accuracy_score(y, y_pred)
        std = cross_val_score(model, X, y, cv=cv).std()
        return {"mean": mean, "std": std, "name": "LogisticRegression"}

    # pipeline_global_training_set: fitted_pipeline: global_for_argument(X)
    # It ignores its arguments and is fitted on the notebook's global X_train and y_train.
    def fitted_pipeline(X, y):
        pipeline = make_pipeline(StandardScaler(), LogisticRegression())
        pipeline.fit(X_train, y_train)
        return pipeline

    # summary_plots_both_columns: summary: all_columns_drawn
    # The picture has bars for the counts as well, two for each model instead of one.
    def summary(frame):
        table = frame.groupby("model")["accuracy"].agg(["mean", "count"])
        table.plot(kind="bar")
        plt.title("Summary of the models")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        plt.show()
        return table

    # report_fitted_once_on_all_rows: report: trained_rows_scored
    # One model is fitted on all rows and then tested on folds that it has seen, instead of a new one on all other rows for each fold.
    from sklearn.model_selection import StratifiedKFold

    def report(X, y, cv=5):
        model = make_pipeline(StandardScaler(), LogisticRegression())
        model.fit(X, y)
        scores = []
        for train, test in StratifiedKFold(cv).split(X, y):
            scores.append(model.score(X[test], y[test]))
        scores = np.array(scores)
        return {"mean": scores.mean(), "std": scores.std(), "name": "LogisticRegression"}

    # best_k_compares_with_previous: best_k: compared_with_the_last
    # Each k is compared with the previous one instead of with the best so far.
    def best_k(X, y, ks):
        result = ks[0]
        last_score = -1
        for n in ks:
            pipe = make_pipeline(StandardScaler(), KNeighborsClassifier(n))
            score = np.mean(cross_val_score(pipe, X, y, cv=5))
            if score > last_score:
                result = n
            last_score = score
        return result

    # summary_running_average: summary
    # The mean is updated as (mean + accuracy) / 2, which gives later accuracies more weight if there are more than two.
    def summary(frame):
        means = {}
        counts = {}
        for name in sorted(frame["model"].unique()):
            means[name] = np.nan
            counts[name] = 0
        for name, acc in zip(frame["model"], frame["accuracy"]):
            if pd.isna(acc):
                continue  # power cut
            if counts[name] == 0:
                means[name] = acc
            else:
                means[name] = (means[name] + acc) / 2
            counts[name] += 1
        table = pd.DataFrame({"mean": pd.Series(means), "count": pd.Series(counts)})
        table.index.name = "model"
        plt.figure(figsize=(6, 4))
        plt.bar(list(table.index), list(table["mean"]))
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        plt.title("Mean accuracy per model")
        plt.show()
        return table

    # summary_equal_accuracies_once: summary: distinct_values_counted
    # Equal accuracies of a model count once, so its mean and its count are wrong.
    def summary(frame):
        rows = []
        for model, part in frame.groupby("model"):
            acc = part["accuracy"].dropna().unique()  # without duplicates
            rows.append({"model": model, "mean": np.mean(acc), "count": len(acc)})
        table = pd.DataFrame(rows).set_index("model")

        plt.figure()
        plt.bar(table.index, table["mean"], color="purple")
        plt.title("Accuracy of the models")
        plt.xlabel("model")
        plt.ylabel("mean accuracy")
        plt.show()
        return table
    """,
    CELLS,
)
