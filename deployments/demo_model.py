"""
What the scripted model of ``crashflow demo --model scripted`` says: as an analyst would, with one mistake on its way.

Its first patch does not compile, so that the way back from the compiler is seen; the second one does.
"""

import json
import re
from typing import Any

from tasks.clients.scripted_model import Body, Turn, text_of, turns_behind

FILE = "src/modules/Playerbot/BotLootMgr.cpp"
_OLD = """    uint32 const turn = m_votes++ % m_groupSize;
    ObjectGuid const needer = m_bot->GetGroup()->GetMemberSlots().at(turn);
"""
_WRONG = """    auto const& members = m_bot->GetGroup()->GetMembers();
    ObjectGuid const needer = members.at(m_votes++ % members.size());
"""
_RIGHT = """    auto const& members = m_bot->GetGroup()->GetMemberSlots();
    if (members.empty())
        return ROLL_GREED;

    ObjectGuid const needer = members[m_votes++ % members.size()];
"""


def script(body: Body) -> Turn:
    """Look, read, answer wrong, be told, look again, answer right; doubt a patch in a few words."""
    if "Another analyst proposes" in text_of(body, 0):
        return Turn(
            text="ROOT-CAUSE\nThe size that was kept while the group shrank is not used any more. An empty group is"
            " answered with greed, which fits its callers."
        )
    found = re.search(r"Request ([0-9a-f]{8})", text_of(body, 0))
    request_id = found[1] if found else ""
    turns = (
        Turn(text="I look for who keeps the size.", calls=[("grep", {"pattern": "m_groupSize"})]),
        Turn(calls=[("read", {"file_path": FILE}), ("crashes_in_function", {"function": "BotLootMgr::ChooseRoll"})]),
        Turn(text=_answer(request_id, _WRONG)),
        Turn(text="Group has no such member.", calls=[("read", {"file_path": "src/server/game/Groups/Group.h"})]),
        Turn(text=_answer(request_id, _RIGHT)),
    )
    return turns[min(turns_behind(body), len(turns) - 1)]


def _answer(request_id: str, new: str) -> str:
    value: dict[str, Any] = {
        "request_id": request_id,
        "outcome": "fix",
        "root_cause": "The bot votes by the size that its group had when the rolls were opened. A member who leaves"
        " makes the list of members shorter, and `at` throws.",
        "evidence": ["std::out_of_range from vector::at in BotLootMgr::ChooseRoll", "the log: Dorian left the group"],
        "execution_path": ["PlayerbotAI::UpdateAI", "BotLootMgr::ChooseRoll", "std::vector::at"],
        "research": {
            "apis": ["Group::GetMemberSlots gives the members of this moment"],
            "existing_features": ["BotLootMgr::OpenRolls keeps m_groupSize"],
            "pitfalls": ["catching the exception would leave the bot voting by a wrong turn"],
            "similar_fixes": [],
            "sources": [FILE, "src/server/game/Groups/Group.h"],
        },
        "strategy": "Takes the members as they are when the bot votes, and answers greed in a group without any.",
        "hierarchy_level": "module only",
        "edits": [{"path": FILE, "old": _OLD, "new": new}],
        "tests_to_add": ["A member leaves while rolls are open: every bot still votes."],
        "what_could_be_wrong": ["The turn of a bot can shift by one when a member leaves."],
        "missing": [],
    }
    return json.dumps(value)
