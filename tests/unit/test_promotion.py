"""Repairs that were made more than once the same way are proposed to become a pattern."""

import pytest

from tasks.core import promotion
from tasks.core.promotion import Approved, Repeated

GUARD = b"""\
diff --git a/src/Shop.cpp b/src/Shop.cpp
--- a/src/Shop.cpp
+++ b/src/Shop.cpp
@@ -3,2 +3,3 @@ void Shop::Price(Player* bot)
 {
-    bot->Visit(1);
+    if (bot && bot->IsInWorld() && !bot->IsBeingTeleported())
+        bot->Visit(1);
     bot->Leave();
"""
ELSEWHERE = GUARD.replace(b"@@ -3,2 +3,3 @@", b"@@ -90,2 +91,3 @@").replace(b"     bot->Leave();", b"     Close();")
RENAMED = GUARD.replace(b"Visit", b"Call").replace(b"Shop.cpp", b"Bank.cpp")
OTHER = GUARD.replace(b"+    if (bot && bot->IsInWorld() && !bot->IsBeingTeleported())\n", b"+    ASSERT(bot);\n")


def approved(number: int, patch: bytes, *, defect: int = 1, place: str = "Shop::Price") -> Approved:
    return Approved(fix_id=number, defect_id=defect, place=place, patch=patch)


@pytest.mark.parametrize(
    ("second", "is_repeated"),
    [
        pytest.param(approved(2, GUARD), True, id="the defect came back and was repaired again"),
        pytest.param(approved(2, ELSEWHERE), True, id="at another line of the file"),
        pytest.param(approved(2, RENAMED), True, id="another name"),
        pytest.param(approved(2, GUARD, defect=2), True, id="another defect of the same place"),
        pytest.param(approved(2, GUARD, defect=2, place="Bank::Charge"), False, id="another defect of another place"),
        pytest.param(approved(2, OTHER), False, id="another way"),
        pytest.param(approved(2, b""), False, id="no patch"),
    ],
)
def test_what_counts_as_the_same_repair(second: Approved, is_repeated: bool) -> None:
    expected = (Repeated(defect_id=second.defect_id, place="Shop::Price", fixes=(1, 2)),) if is_repeated else ()
    assert expected == promotion.repeated([second, approved(1, GUARD)])


def test_each_way_is_counted_for_itself() -> None:
    fixes = [approved(1, GUARD), approved(2, OTHER), approved(3, GUARD), approved(4, OTHER), approved(5, GUARD)]
    assert [(1, 3, 5), (2, 4)] == [repair.fixes for repair in promotion.repeated(fixes)]


def test_a_removal_is_not_the_way_of_an_addition() -> None:
    back = b"\n".join(
        line.replace(b"-", b"+", 1) if line[:2] == b"- " else line.replace(b"+", b"-", 1) if line[:2] == b"+ " else line
        for line in GUARD.split(b"\n")
    )
    assert () == promotion.repeated([approved(1, GUARD), approved(2, back)])
