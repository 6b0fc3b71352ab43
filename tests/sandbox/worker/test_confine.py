"""What confines a child: rules for files, and scratch folders measured and removed."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.worker import confine, landlock, scratch


def test_a_hidden_folder_is_left_out_of_what_may_be_read(tmp_path: Path) -> None:
    for name in ("site/kit/suites", "site/torch", "site/numpy", "other"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "around").symlink_to(tmp_path / "site")
    (tmp_path / "up").symlink_to(tmp_path)
    found = set(landlock.beneath(tmp_path, tmp_path / "site" / "kit"))
    assert found == {tmp_path / "site/torch", tmp_path / "site/numpy", tmp_path / "other"}
    assert list(landlock.beneath(tmp_path, tmp_path.parent / "elsewhere")) == [tmp_path]


def test_the_kit_itself_cannot_be_read() -> None:
    kit = Path(confine.__file__).parents[1]
    assert not any(
        kit.is_relative_to(path) or path.is_relative_to(kit) for path in confine.readable()
    )


def test_a_locked_and_endlessly_deep_folder_is_removed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    before = os.getcwd()
    os.chdir(root)
    try:
        for _ in range(2000):
            os.mkdir("deeper")
            Path("file").write_text("x")
            os.chdir("deeper")
        os.mkdir("locked", 0)
    finally:
        os.chdir(before)
    (root / "link").symlink_to(tmp_path)
    (root / "dangling").symlink_to("nowhere")
    assert scratch.usage(str(root)) == float("inf")
    scratch.remove(str(root))
    assert os.listdir(tmp_path) == []


@given(st.lists(st.integers(0, 100_000), max_size=5))
def test_usage_counts_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("usage")
    for number, size in enumerate(sizes):
        (folder / str(number)).write_bytes(b"x" * size)
    assert sum(sizes) <= scratch.usage(str(folder)) <= sum(sizes) + 4096 * len(sizes)


def test_deleted_files_that_are_open_or_mapped_count(tmp_path: Path) -> None:
    def kept() -> float:
        return scratch.deleted(os.getpid(), str(tmp_path), largest=1 << 20)

    libc, size = ctypes.CDLL(None), ctypes.c_size_t(4096)
    libc.mmap.restype = ctypes.c_void_p
    kinds = {"there": "open", "opened": "open", "both": "open, mapped", "mapped": "mapped"}
    with contextlib.ExitStack() as stack:
        for name, kind in kinds.items():
            stream = stack.enter_context((tmp_path / name).open("wb+"))
            stream.write(bytes(8192))
            stream.flush()
            if "mapped" in kind:
                place = libc.mmap(None, size, 1, 1, stream.fileno(), ctypes.c_size_t(0))
                stack.callback(libc.munmap, ctypes.c_void_p(place), size)
            if "open" not in kind:
                stream.close()
        assert kept() == 0
        for name in ("opened", "both", "mapped"):
            (tmp_path / name).unlink()
        assert kept() == 8192 + 8192 + (1 << 20)
    assert kept() == 0
