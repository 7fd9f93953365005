"""Facts about the names inside mangled ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.parsers import mangling


@pytest.mark.parametrize(
    ("mangled", "expected"),
    [
        ("_ZN4Unit4KillEPS_", "Unit::Kill"),
        ("__ZN4Unit4KillEPS_", "Unit::Kill"),
        ("_Z4mainv", "main"),
        ("_ZNK4Unit7GetNameB5cxx11Ev", "Unit::GetName"),
        ("_ZN3Map4GridILi8ENS_4CellEE5VisitIN7Trinity6WorkerEEEvRT_", "Map::Grid::Visit"),
        ("_ZN4UnitC2Ev", "Unit::Unit"),
        ("_ZN4UnitD0Ev", "Unit::~Unit"),
        ("_ZN12_GLOBAL__N_14loopEv", "(anonymous namespace)::loop"),
        ("_ZNSt6vectorIiSaIiEE9push_backEOi", "std::vector::push_back"),
        ("_ZStlsISt11char_traitsIcEERSt13basic_ostreamIcT_ES5_PKc", "std::operator<<"),
        ("_ZN3FooclEv", "Foo::operator()"),
        ("_Znwm", "operator new"),
        ("_ZZN5World6UpdateEvENKUlvE_clEv", "World::Update::{lambda()#1}::operator()"),
        ("_ZTV4Unit", "_ZTV4Unit"),
        ("_ZN4Unit", "_ZN4Unit"),
        ("_ZN999999Unit", "_ZN999999Unit"),
        ("plain_c_name", "plain_c_name"),
    ],
)
def test_the_qualified_name_is_read_and_what_is_not_understood_comes_back(mangled: str, expected: str):
    assert expected == mangling.readable(mangled)


@pytest.mark.parametrize("piece", ["N", "I", "Z", "P", "FvvE", "A_", "J", "1aI", "St1aI", "NSt1aI"])
def test_deep_nesting_comes_back_unchanged(piece: str):
    name = "_Z1fI" + piece * 1000
    assert name == mangling.readable(name)


@given(st.text(alphabet="_ZNIESTKPRvi0123456789aLJDCpFAM", max_size=80))
def test_any_name_ends_with_some_text(tail: str):
    assert mangling.readable("_Z" + tail)
