"""An introduction to pandas: a table that grows with the notebook, groups, and a plot."""

from tests.corpus.cell_courses import CellCourse, answer, check, given

LOAD = """\
import pandas as pd
### BEGIN SOLUTION
frame = pd.read_csv("cities.csv")
### END SOLUTION"""
DENSITY = """\
### BEGIN SOLUTION
frame["density"] = frame["people"] / frame["area"]
### END SOLUTION"""
MEANS = '''\
def means(table):
    """Return the mean density of each country as a Series, the largest first."""
    ### BEGIN SOLUTION
    return table.groupby("country")["density"].mean().sort_values(ascending=False)
    ### END SOLUTION'''
PLOT = '''\
def plot(table):
    """Draw a bar of people for each city; return the axes."""
    ### BEGIN SOLUTION
    figure, axes = plt.subplots()
    axes.bar(table["city"], table["people"])
    axes.set_xlabel("city")
    axes.set_ylabel("people")
    return axes
    ### END SOLUTION'''
TEXT = '''\
def describe(table):
    """Print how many cities there are."""
    ### BEGIN SOLUTION
    print(f"There are {len(table)} cities.")
    ### END SOLUTION'''

COURSE = CellCourse(
    "tables",
    [
        given("imports", "import matplotlib.pyplot as plt\nimport numpy as np"),
        answer("load", LOAD),
        check(
            "test_load",
            1,
            "import pandas as pd\nassert isinstance(frame, pd.DataFrame)\n"
            "assert frame.shape == (5, 4)\nassert 'density' not in frame.columns",
        ),
        answer("density", DENSITY),
        check(
            "test_density",
            2,
            "assert list(frame.columns) == ['city', 'country', 'people', 'area', 'density']\n"
            "assert np.allclose(frame['density'], frame.people / frame.area)\n"
            "assert frame.density.max() == 200",
        ),
        answer("means", MEANS),
        check(
            "test_means",
            2,
            "small = pd.DataFrame({'country': ['A', 'B', 'A'], 'density': [1.0, 9.0, 3.0]})\n"
            "found = means(small)\nassert list(found.index) == ['B', 'A']\n"
            "pd.testing.assert_series_equal(found, pd.Series([9.0, 2.0], index=['B', 'A']),\n"
            "    check_names=False)\nassert means(frame).iloc[0] == 120",
        ),
        answer("plot", PLOT),
        check(
            "test_plot",
            2,
            "axes = plot(frame)\nassert axes.get_xlabel() == 'city', 'label the x axis'\n"
            "assert axes.get_ylabel() != ''\n"
            "heights = sorted(bar.get_height() for bar in axes.patches)\n"
            "np.testing.assert_allclose(heights, sorted(frame['people']))\nplt.close('all')",
        ),
        answer("describe", TEXT),
        check(
            "test_describe",
            1,
            "import io\nfrom contextlib import redirect_stdout\n\nout = io.StringIO()\n"
            "with redirect_stdout(out):\n    describe(frame.head(3))\n"
            "assert out.getvalue() == 'There are 3 cities.\\n'",
        ),
    ],
    {
        "right": ({}, 8),
        "loop": (
            {
                "means": "def means(t):\n    found = {c: t[t.country == c].density.mean() "
                "for c in t.country.unique()}\n"
                "    return pd.Series(found).sort_values(ascending=False)"
            },
            8,
        ),
        "ascending": ({"means": MEANS.replace("False", "True")}, 6),
        "inverse": ({"density": "frame['density'] = frame['area'] / frame['people']"}, 4),
        "no_labels": ({"plot": PLOT.replace('axes.set_xlabel("city")', "pass")}, 6),
        "no_plot": ({"plot": "def plot(table):\n    plt.plot([1, 2])"}, 6),
        "returns": ({"describe": TEXT.replace("print(", "return (")}, 7),
        "no_file": ({"load": "import pandas as pd\nframe = pd.read_csv('towns.csv')"}, 0),
    },
    files={
        "cities.csv": "city,country,people,area\nUlm,A,120,10\nBonn,A,300,10\n"
        "Graz,B,280,7\nLinz,B,200,1\nBern,C,130,5\n"
    },
)
