"""`python -m autograder` is the command `autograder`: all of it, or what students have."""

try:
    from autograder.cli.main import main
except ModuleNotFoundError:  # the students' kit
    from autograder.cli.students import main

if __name__ == "__main__":
    main()
