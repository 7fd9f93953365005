"""Names of functions: one spelling, whoever printed them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.names import normalise, unqualified


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        pytest.param("WorldSession::Update(unsigned int, PacketFilter&)", "WorldSession::Update", id="arguments go"),
        pytest.param("void nsViewer::Destroy()", "nsViewer::Destroy", id="the return type goes"),
        pytest.param("std::map<int, Foo<int> > Bag::copy() const", "Bag::copy", id="a template return type goes"),
        pytest.param("Socket<WorldSocket>::CloseSocket", "Socket::CloseSocket", id="template arguments go"),
        pytest.param("Socket::CloseSocket", "Socket::CloseSocket", id="a plain name stays"),
        pytest.param("BotAI::~BotAI()", "BotAI::~BotAI", id="a destructor keeps its class"),
        pytest.param("BotAI::`scalar deleting destructor'", "BotAI::~BotAI", id="MSVC's deleting destructor is one"),
        pytest.param("`anonymous namespace'::run", "(anonymous namespace)::run", id="MSVC's anonymous namespace"),
        pytest.param("(anonymous namespace)::run(int)", "(anonymous namespace)::run", id="gcc's anonymous namespace"),
        pytest.param("Foo::Bar()::{lambda(int)#1}::operator()(int) const", "Foo::Bar::(lambda)", id="gcc's lambda"),
        pytest.param("`Foo::Bar'::`2'::<lambda_1ab>::operator()", "Foo::Bar::(lambda)", id="MSVC's lambda"),
        pytest.param("Foo::<lambda(int)>::operator()(int) const", "Foo::(lambda)", id="gdb's lambda"),
        pytest.param("Foo::operator bool() const", "Foo::operator bool", id="a conversion keeps its type"),
        pytest.param("operator<< <char>(std::ostream&)", "operator<<", id="a shift is no bracket"),
        pytest.param("Ptr<A>::operator->() const", "Ptr::operator->", id="an arrow is no bracket"),
        pytest.param("Vec<int>::operator[](unsigned long)", "Vec::operator[]", id="a subscript stays"),
        pytest.param("bar.isra.0.cold", "bar", id="clones of the optimiser are the function"),
        pytest.param("foo [clone .part.85]", "foo", id="old gdb's clone"),
        pytest.param("__libc_start_main@@GLIBC_2.34", "__libc_start_main", id="symbol versions go"),
        pytest.param("bag::take::h7d7baacfb554bae8", "bag::take", id="Rust's hashes go"),
        pytest.param("bag::take::hash", "bag::take::hash", id="a function named like a hash stays"),
        pytest.param("Log::flush()::$_12::operator()(int) const", "Log::flush::(lambda)", id="clang's lambda"),
    ],
)
def test_a_name_has_one_spelling(printed: str, expected: str) -> None:
    assert expected == normalise(printed)


def test_normalising_twice_changes_nothing_more() -> None:
    names = ["Foo<int>::bar(int)", "a::(anonymous namespace)::b()", "X::operator()(int) const", "~Y()"]
    assert [normalise(name) for name in names] == [normalise(normalise(name)) for name in names]


@given(st.text(max_size=300))
def test_any_text_has_a_name(text: str) -> None:
    assert isinstance(normalise(text), str)


def test_deep_nesting_ends_at_once() -> None:
    assert normalise("f" + "<" * 1_000_000)


def test_the_last_component_is_the_unqualified_name() -> None:
    assert "Update" == unqualified("WorldSession::Update")
