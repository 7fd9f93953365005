"""Where a name is defined in C++ source."""

import pytest

from tasks.core import symbols

SOURCE = b"""\
#define MAX_ROLLS 8
class Player;
enum RollVote : uint8
{
    ROLL_NEED,
    ROLL_GREED
};

class Group
{
public:
    std::vector<ObjectGuid> const& GetMemberSlots() const { return m_memberSlots; }
    Player* Leader() const;
    uint32 Count;

private:
    std::vector<ObjectGuid> m_memberSlots;
};

Player* Group::Leader() const
{
    Player* player = Find(m_memberSlots.front());
    return player;
}

using Slots = std::vector<ObjectGuid>;
static uint32 Rolls = 0;
"""


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("MAX_ROLLS", [(1, "macro")]),
        ("RollVote", [(3, "enum")]),
        ("ROLL_GREED", [(6, "enumerator")]),
        ("Group", [(9, "class")]),
        ("Group::GetMemberSlots", [(12, "function")]),
        ("GetMemberSlots", [(12, "function")]),
        ("Group::Leader", [(13, "member"), (20, "function")]),
        ("Leader", [(13, "member"), (20, "function")]),
        ("Count", [(14, "member")]),
        ("m_memberSlots", [(17, "member")]),
        ("Slots", [(26, "alias")]),
        ("Rolls", [(27, "declaration")]),
        ("Player", []),
        ("player", []),
        ("Other::Leader", []),
        ("\u2603", []),
        ("", []),
    ],
)
def test_a_name_is_found_where_it_is_defined(name: str, places: list[tuple[int, str]]) -> None:
    assert places == [(found.line, found.kind) for found in symbols.definitions(SOURCE, name)]


def test_the_first_line_of_a_definition_is_told() -> None:
    assert "Player* Group::Leader() const" == symbols.definitions(SOURCE, "Group::Leader")[1].text
    assert () == symbols.definitions(b"\xff\x00\xfe not C++ at all {{{", "x")
