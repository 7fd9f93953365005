"""What static analysis says of the lines that a patch changed."""

from tasks.core import findings

PATCH = b"""\
diff --git a/src/Map.cpp b/src/Map.cpp
--- a/src/Map.cpp
+++ b/src/Map.cpp
@@ -10,4 +10,5 @@ void Map::Update()
 {
-    bot->Think();
+    if (bot)
+        bot->Think();
     Move();
 }
@@ -30,2 +31,2 @@
-++a;
+++ b/odd;
 b;
"""
OUTPUT = """\
/w/fix-1/src/Map.cpp:11:9: warning: implicit conversion 'Player *' -> bool [readability-implicit-bool-conversion]
/w/fix-1/src/Map.cpp:11:9: note: did you mean this? [readability-implicit-bool-conversion]
src/Map.cpp:12: error: Null pointer dereference: bot [nullPointer]
/w/fix-1/src/Map.cpp:200:1: warning: an old sin [bugprone-x,cert-y]
12 warnings generated.
nofile:0:0: information: Unmatched suppression [unmatchedSuppression]
"""


def test_the_changed_lines_of_a_patch() -> None:
    assert {"src/Map.cpp": frozenset({11, 12, 31})} == findings.changed_lines(PATCH)
    assert {} == findings.changed_lines(b"")


def test_findings_with_paths_of_the_tree() -> None:
    found = findings.parse(OUTPUT, tree="/w/fix-1/")
    assert [("src/Map.cpp", 11), ("src/Map.cpp", 12), ("src/Map.cpp", 200)] == [(one.file, one.line) for one in found]
    assert "src/Map.cpp:12: error: Null pointer dereference: bot [nullPointer]" == str(found[1])


def test_only_what_lies_on_changed_lines_is_the_patchs_doing() -> None:
    found = findings.parse(OUTPUT * 2, tree="/w/fix-1")
    mine = findings.on_lines(found, findings.changed_lines(PATCH))
    assert ["readability-implicit-bool-conversion", "nullPointer"] == [finding.check for finding in mine]
