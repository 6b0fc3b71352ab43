"""The courses without suites, by name."""

from tests.corpus.cell_courses import (
    classes,
    equations,
    globals,
    in_place,
    losses,
    saved,
    sequences,
    tables,
)

COURSES = {
    one.COURSE.name: one.COURSE
    for one in (sequences, equations, tables, classes, globals, in_place, losses, saved)
}
