"""Classes: attributes, methods, operators, inheritance, and a test written with unittest."""

from tests.corpus.cell_courses import CellCourse, answer, check, given

ACCOUNT = '''\
class Account:
    """An account of an owner, with a balance."""

    ### BEGIN SOLUTION
    def __init__(self, owner, balance=0):
        self.owner, self.balance = owner, balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance += amount
        return self.balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise InsufficientFunds(f"{self.balance} is too little")
        self.balance -= amount
        return self.balance

    def __repr__(self):
        return f"Account({self.owner!r}, {self.balance})"
    ### END SOLUTION'''
SAVINGS = '''\
class Savings(Account):
    """An account that pays interest."""

    ### BEGIN SOLUTION
    def __init__(self, owner, balance=0, rate=0.5):
        super().__init__(owner, balance)
        self.rate = rate

    def pay_interest(self):
        """Add the interest to the balance."""
        return self.deposit(self.balance * self.rate)
    ### END SOLUTION'''
VECTOR = '''\
class Vector:
    """A vector with two components."""

    ### BEGIN SOLUTION
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return (self.x, self.y)[index]
    ### END SOLUTION'''

COURSE = CellCourse(
    "classes",
    [
        given(
            "errors",
            'class InsufficientFunds(Exception):\n    """Raised when there is not enough money."""',
        ),
        answer("account", ACCOUNT),
        check(
            "test_account",
            3,
            "account = Account('Ada', 10)\nassert account.owner == 'Ada'\n"
            "assert account.deposit(5) == 15\nassert account.balance == 15\n"
            "account.balance = 7\nassert account.withdraw(3) == 4\n"
            "assert hasattr(account, 'owner') and not hasattr(account, 'rate')\n"
            "assert repr(Account('Bob')) == \"Account('Bob', 0)\"\n"
            "assert Account('a') is not Account('a')",
        ),
        check(
            "test_errors",
            2,
            "import sys\nimport unittest\n\n\nclass TestAccount(unittest.TestCase):\n"
            "    def setUp(self):\n        self.account = Account('Ada', 10)\n\n"
            "    def test_deposit(self):\n        with self.assertRaises(ValueError):\n"
            "            self.account.deposit(-1)\n        self.assertEqual(self.account.balance, 10)"
            "\n\n    def test_zero(self):\n"
            "        self.assertRaises(ValueError, self.account.deposit, 0)\n\n\n"
            "suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestAccount)\n"
            "assert unittest.TextTestRunner(sys.stdout).run(suite).wasSuccessful()",
        ),
        check(
            "test_withdraw",
            1,
            "try:\n    Account('Ada', 1).withdraw(2)\n    raised = False\n"
            "except InsufficientFunds:\n    raised = True\nassert raised",
        ),
        answer("savings", SAVINGS),
        check(
            "test_savings",
            3,
            "import inspect\n\nassert issubclass(Savings, Account)\nsavings = Savings('Eve', 100)\n"
            "assert isinstance(savings, Account)\nassert type(savings) == Savings\n"
            "assert type(savings).__name__ == 'Savings'\n"
            "assert list(inspect.signature(Savings.__init__).parameters) == "
            "['self', 'owner', 'balance', 'rate']\n"
            "assert savings.pay_interest() == 150\nassert 'interest' in Savings.pay_interest.__doc__",
        ),
        answer("vector", VECTOR),
        check(
            "test_vector",
            2,
            "v = Vector(1, 2) + Vector(3, 4)\nassert (v.x, v.y) == (4, 6)\nw = v * 0.5\n"
            "assert [w[0], w[1]] == [2, 3]\nassert len(w) == 2\nassert list(v) == [4, 6]",
        ),
        check("test_equal", 1, "assert Vector(1, 2) == Vector(1, 2)\nassert v != Vector(1, 2)"),
    ],
    {
        "right": ({}, 12),
        "no_check": ({"account": ACCOUNT.replace("amount <= 0", "False")}, 10),
        "no_return": (
            {"account": ACCOUNT.replace("        return self.balance\n", "", 1)},
            6,
        ),
        "no_inheritance": ({"savings": SAVINGS.replace("(Account)", "(object)")}, 9),
        "new_object": (
            {"vector": VECTOR.replace("self.y + other.y", "self.y - other.y")},
            10,
        ),
        "no_equality": ({"vector": VECTOR.replace("__eq__", "equal")}, 11),
    },
    inside=["test_vector", "test_equal"],
)
