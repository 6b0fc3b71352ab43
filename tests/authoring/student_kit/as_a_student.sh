#!/usr/bin/env bash
# Checks notebooks with the students' kit that is installed here, on any system.
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

check() {  # status, words that must be said, notebook
    cp "$3" "$folder/Lösung 1.ipynb"
    status=0
    (cd "$folder" && autograder check "Lösung 1.ipynb" | tee said.txt) || status=$?
    test "$status" -eq "$1"
    grep -q "$2" "$folder/said.txt"
}

check 0 "13 of 13 checks pass." solutions/linear_regression/linear_regression.ipynb
check 1 "0 of 13 checks pass." assignments/linear_regression/linear_regression.ipynb
check 1 "The bias is missing" examples/submitted/elif/linear_regression/linear_regression.ipynb
cd "$folder"
if autograder grade; then exit 1; fi
python -c 'from autograder import check; print(check(assignment="linear_regression"))'
