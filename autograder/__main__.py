"""`python -m autograder` is the command `autograder`: all of it, or what students have."""

try:
    from autograder.cli import main
except ModuleNotFoundError:  # the students' kit
    from autograder.selfcheck.command import main

if __name__ == "__main__":
    main()
