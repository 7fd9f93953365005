"""Shapes of a patch at which a reviewer should look twice, and their likes that are harmless."""

import pytest

from tasks.core import shapes

BODY = "void Bot::Update(Player* bot, ObjectGuid guid)\n{{\n{0}\n    Move();\n    Attack();\n}}\n"
PLAIN = BODY.format("    Think();")


def told(added: str, before: str = PLAIN) -> tuple[str, ...]:
    return shapes.suspicious(before.encode(), BODY.format(added).encode())


@pytest.mark.parametrize(
    ("added", "shape"),
    [
        ("    try { Think(); } catch (...) {}", shapes.CATCH_ALL),
        ("    try { Think(); }\n    catch\n    (  ...  )\n    {\n    }", shapes.CATCH_ALL),
        ("    bot->m_Events.AddEventAtOffset([this]() { Think(); }, 1s);", shapes.CAPTURE),
        ("    bot->m_Events.AddEventAtOffset([bot]() { bot->Think(); }, 1s);", shapes.CAPTURE),
        ("    sWorld->QueueCallback([&] { Think(); });", shapes.CAPTURE),
        ("    std::thread([=] { Think(); }).detach();", shapes.CAPTURE),
        ("    return;", shapes.RETURN),
        ("    return; // for now", shapes.RETURN),
        ("#if 0\n    Think();\n#endif", shapes.DISABLED),
        ("    Think(); // NOLINT", shapes.WARNING),
        ('#pragma GCC diagnostic ignored "-Wnull-dereference"\n    Think();', shapes.WARNING),
        ("    signal(SIGSEGV, SIG_IGN);", shapes.HANDLER),
        ("    std::this_thread::sleep_for(100ms);", shapes.WAITING),
        ("    std::exit(0);", shapes.EXIT),
        ("    const_cast<Player*>(bot)->Think();", shapes.CAST),
    ],
)
def test_what_a_patch_brings_in(added: str, shape: str) -> None:
    assert (shape,) == told(added)


@pytest.mark.parametrize(
    "added",
    [
        pytest.param("    if (bot)\n        Think();", id="a null check"),
        pytest.param("    if (!bot)\n        return;\n    Think();", id="an early return under a condition"),
        pytest.param("    // catch (...) would hide it\n    Think();", id="a comment"),
        pytest.param('    Log("catch (...) {} return; std::exit(0)");', id="a string"),
        pytest.param("    bot->m_Events.AddEventAtOffset([guid]() { Find(guid); }, 1s);", id="a guid that is captured"),
        pytest.param("    std::find_if(all.begin(), all.end(), [&](int x) { return x; });", id="a call that runs now"),
        pytest.param("    try { Think(); } catch (std::exception const& error) {}", id="a named exception"),
        pytest.param("#ifdef PLAYERBOTS\n    Think();\n#endif", id="a feature"),
    ],
)
def test_what_is_not_suspicious(added: str) -> None:
    assert () == told(added)


def test_what_stood_there_before_is_not_told() -> None:
    before = BODY.format("    try { Think(); } catch (...) {}")
    assert () == told("    try { if (bot) Think(); } catch (...) {}", before)
    assert () == told("    Log();\n    try { Think(); } catch (...) {}", before)
    assert (shapes.CATCH_ALL,) == told("    try { A(); } catch (...) {}\n    try { B(); } catch (...) {}", before)


@pytest.mark.parametrize("added", ["    Think();", "    ASSERT(bot || guid);"])
def test_an_assertion_that_is_gone_or_weaker(added: str) -> None:
    assert (shapes.ASSERTION,) == told(added, BODY.format("    ASSERT(bot);"))


def test_an_assertion_that_moved_or_is_new_is_none() -> None:
    assert () == told("    Think();\n    ASSERT( bot );", BODY.format("    ASSERT( bot );"))
    assert () == told("    ASSERT(bot);")


def test_a_new_file_and_bytes_that_are_no_text() -> None:
    assert (shapes.CATCH_ALL,) == shapes.suspicious(b"", b"void f() { try { g(); } catch (...) { } }\n")
    assert () == shapes.suspicious(b"\xff\x00", b"\xff\x00\xfe")
    assert () == shapes.suspicious(b"", b"")
