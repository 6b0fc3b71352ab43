"""Runs the command `autograder` as `python -m autograder`, in the full or the students' kit."""

try:
    from autograder.cli.main import main
except ModuleNotFoundError:  # the students' kit
    from autograder.cli.students import main

if __name__ == "__main__":
    main()
