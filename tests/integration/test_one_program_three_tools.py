"""One defect falls together, whichever tool wrote it down: a program that crashes in several ways, under each tool."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tasks.clients.knowledge import stack_lists
from tasks.core import matching, parsers, signature
from tasks.core.grouping import Grouping

SOURCE = r"""
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace town {
struct Item { int price; char name[16]; };

template <typename T> struct Bag {
    std::map<int, T*> things;
    __attribute__((noinline)) T* take(int key) { return things[key]; }
    __attribute__((noinline)) int price(int key) { return take(key)->price; }
};

namespace {
__attribute__((noinline)) int sell(Bag<Item>& bag, int key) { return bag.price(key) + 1; }
__attribute__((noinline)) void spoil(char* name, std::size_t length) { std::memset(name, 7, length); }
__attribute__((noinline)) int recurse(volatile int depth) {
    char room[512];
    room[0] = 1;
    return recurse(depth + 1) + room[0];
}
}

struct Shop {
    Bag<Item> bag;
    __attribute__((noinline)) int null_access() { return sell(bag, 3); }
    __attribute__((noinline)) void write_null() { spoil(static_cast<char*>(nullptr) + 8, 100000); }
    __attribute__((noinline)) void throw_out() { std::vector<int> few(3); few.at(bag.things.size() + 7) = 1; }
    __attribute__((noinline)) void check() { assert(bag.things.size() > 3); }
    __attribute__((noinline)) void lambda() {
        std::function<int(int)> price = [this](int key) { return bag.price(key); };
        price(4);
    }
    __attribute__((noinline)) void free_twice() {
        void* room = std::malloc(40);
        asm volatile("" : "+r"(room));
        std::free(room);
        asm volatile("" : "+r"(room));
        std::free(room);
    }
    __attribute__((noinline)) int divide(int by) { return 7 / by; }
};
}

int main(int count, char** words) {
    town::Shop shop;
    std::string mode = count > 1 ? words[1] : "";
    if (mode == "null") return shop.null_access();
    if (mode == "write") shop.write_null();
    if (mode == "throw") shop.throw_out();
    if (mode == "assert") shop.check();
    if (mode == "lambda") shop.lambda();
    if (mode == "twice") shop.free_twice();
    if (mode == "divide") return shop.divide(count - 2);
    if (mode == "recurse") return town::recurse(0);
    return 0;
}
"""
MODES = ("null", "write", "throw", "assert", "lambda", "twice", "divide", "recurse")
TOOLS = ("gdb", "lldb", "asan")
_LIMIT_S = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [name for name in ("g++", "gdb", "lldb") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    room = tmp_path_factory.mktemp("tools")
    (room / "shop.cpp").write_text(SOURCE)
    command = ("g++", "-std=c++17", "-g", "-O1", "-fno-omit-frame-pointer", "shop.cpp")
    for more in (("-o", "shop"), ("-fsanitize=address", "-o", "shop-asan")):
        subprocess.run((*command, *more), cwd=room, check=True, timeout=_LIMIT_S)
    return room


def report(folder: Path, tool: str, mode: str) -> bytes:
    commands = {
        "gdb": ("gdb", "-batch", "-nx", "-ex", "run", "-ex", "bt 200", "--args", "./shop", mode),
        "lldb": (
            "lldb",
            "--batch",
            "--no-lldbinit",
            "-o",
            "run",
            "-k",
            "thread backtrace -c 200",
            "--",
            "./shop",
            mode,
        ),
        "asan": ("./shop-asan", mode),
    }
    environment = {**os.environ, "ASAN_OPTIONS": "handle_abort=1:detect_leaks=0"}
    done = subprocess.run(
        commands[tool], cwd=folder, capture_output=True, timeout=_LIMIT_S, check=False, env=environment
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("mode", MODES)
def test_one_crash_is_one_defect_under_all_tools(folder: Path, mode: str) -> None:
    lists, grouping = stack_lists(), Grouping()
    placed = {}
    for tool in TOOLS:
        text = report(folder, tool, mode)
        crash = parsers.parse(text)[0]
        named = signature.generate(crash, lists)
        place = grouping.place(matching.shape(named), matching.keys(crash, named))
        placed[tool] = (place.defect_id, named.distinctive, named.assertion)
    assert {1} == {number for number, *_ in placed.values()}, placed


def test_different_crashes_of_one_program_are_different_defects(folder: Path) -> None:
    lists, grouping = stack_lists(), Grouping()
    numbers = []
    for mode in MODES:
        crash = parsers.parse(report(folder, "gdb", mode))[0]
        named = signature.generate(crash, lists)
        numbers.append(grouping.place(matching.shape(named), matching.keys(crash, named)).defect_id)
    assert len(MODES) == len(set(numbers))
