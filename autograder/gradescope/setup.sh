#!/usr/bin/env bash
# Gradescope runs this once, while it builds the image: Python, pinned libraries, the kit.
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
environment="$(dirname "$source")/environment"

usable() { command -v "$1" >/dev/null && "$1" -c 'import ensurepip, venv' 2>/dev/null; }

choose() { for python in python3.11 python3.12 python3.13; do if usable "$python"; then return; fi; done; false; }

if ! choose; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install -y --no-install-recommends python3.11 python3.11-venv ||
        apt-get install -y --no-install-recommends python3 python3-venv
    choose || { echo 'Python 3.11 to 3.13 is needed: choose Ubuntu 22.04 or later as base image.'; exit 1; }
fi

# torch without CUDA
export PIP_EXTRA_INDEX_URL="${PIP_EXTRA_INDEX_URL-https://download.pytorch.org/whl/cpu}"
"$python" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
    --requirement "$source/requirements.txt"
"$environment/bin/python" -c 'import site; print(site.getsitepackages()[0])' |
    while read -r packages; do echo "$source/kit" >"$packages/autograder.pth"; done
"$environment/bin/python" -m compileall -q "$source/kit"
chmod -R go= "$source"

# Says in the log of the build whether student code will be confined.
"$environment/bin/python" -m autograder doctor --course "$source/course/course.yml" || true
