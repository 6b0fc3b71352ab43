"""Support code of `assert_kept`: calls a function and looks at its arguments afterwards."""

import copy


def arguments_after(function, arguments, options):
    """Return copies of arguments, as a call with these copies leaves them."""
    given = copy.deepcopy(arguments)
    function(*given, **options)
    return given
