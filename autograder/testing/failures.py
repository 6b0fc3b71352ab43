"""What a test raises: the answer is wrong, or the suite is."""


class Mismatch(AssertionError):
    """An answer is wrong; the message is for the student."""


class SuiteError(Exception):
    """The suite asks for what cannot be, or its support code fails: a grader error."""
