"""Records as JUnit XML: a suite for each submission, a case for each test."""

from collections.abc import Sequence
from xml.etree import ElementTree

from autograder.record import Record, TestResult
from autograder.reports.text import quiet


def junit(records: Sequence[Record]) -> bytes:
    """Return records as JUnit XML."""
    root = ElementTree.Element("testsuites", name="autograder")
    root.extend(map(_suite, records))
    _count(root, list(root.iter("testcase")))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _suite(record: Record) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        name=quiet(f"{record.assignment}.{record.student}"),
        time=f"{record.seconds:.3f}",
    )
    suite.extend(_case(record, test) for task in record.tasks for test in task.tests)
    if record.error is not None:
        case = ElementTree.SubElement(
            suite, "testcase", classname=quiet(record.student), name="notebook", time="0"
        )
        ElementTree.SubElement(case, "error", message=quiet(record.error))
    _count(suite, list(suite.iter("testcase")))
    return suite


def _case(record: Record, test: TestResult) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=quiet(f"{record.student}.{test.task}"),
        name=quiet(f"{test.name} ({test.points:g}/{test.max_points:g})"),
        time=f"{record.test_seconds.get(test.name, 0.0):.3f}",
    )
    tags = {"failed": "failure", "error": "error", "skipped": "skipped"}
    if test.outcome in tags:
        child = ElementTree.SubElement(case, tags[test.outcome], message=quiet(test.title))
        child.text = quiet(test.message)
    return case


def _count(element: ElementTree.Element, cases: Sequence[ElementTree.Element]) -> None:
    """Set the totals that the format asks for."""
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        if name != "skipped" or element.tag == "testsuite":
            count = sum(case.find(tag) is not None for case in cases)
            element.set(name, str(count))
