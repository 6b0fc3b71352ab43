#!/usr/bin/env bash
# Gradescope runs this once to build the image: Python, pinned libraries, the kit.
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
environment="$(dirname "$source")/environment"

python="python$(cat "$source/python-version")"

# The Python 3.11 of Ubuntu 22.04 is a release candidate, which is not usable.
usable() {
    command -v "$python" >/dev/null &&
        "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info.releaselevel != "final")'
}

install() { apt-get install -y --no-install-recommends "$python" "$python-venv"; }

if ! usable; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    install || true
fi
if ! usable; then
    apt-get install -y --no-install-recommends software-properties-common
    add-apt-repository -y ppa:deadsnakes/ppa
    install
fi
usable || {
    echo "$python is not available here: choose a newer base image, or make the package with its Python."
    exit 1
}

# torch without CUDA
export PIP_EXTRA_INDEX_URL="${PIP_EXTRA_INDEX_URL-https://download.pytorch.org/whl/cpu}"
"$python" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
    --requirement "$source/requirements.txt"
"$environment/bin/python" -c 'import site; print(site.getsitepackages()[0])' |
    while read -r packages; do echo "$source/kit" >"$packages/autograder.pth"; done
"$environment/bin/python" -m compileall -q "$source/kit"
chmod -R go= "$source"

# Shows in the build log how student code will be isolated.
"$environment/bin/python" -m autograder doctor --course "$source/course/course.yml" || true
