"""The exit before a statement that went through a null pointer, where the rest can be left out with it."""

from tasks.core.errors import RefusalError
from tasks.core.fixes.exits import exit_before
from tasks.core.fixes.reliance import bracket, left_undone, teller
from tasks.core.fixes.site import show
from tasks.core.fixes.syntax import LOOPS, ancestors, walk
from tasks.core.fixes.uses import Uses


def exit_without(uses: Uses) -> bytes:
    """
    Return the exit before the statement: ``continue;``, ``return false;``.

    Raises:
        RefusalError: it would skip what others wait for, what ends what was begun, or what must be done all the same.
    """
    site, statement = uses.null.site, uses.null.statement
    leave = exit_before(site, statement)
    left = next((each for each in ancestors(statement, site.scope) if each.type in LOOPS), site.scope)
    end = site.scope.end_byte if leave.startswith(b"return") else left.end_byte
    skipped = [each for each in uses.following if each.end_byte <= end]
    waited_for = teller(site.source, skipped, site.scope)
    if waited_for is not None:
        text = show(site.source.text(waited_for))
        raise RefusalError(f"Giving up early would skip `{text}`, for which somebody may wait.")
    if ended := bracket(site.source, statement, skipped, site.scope, {uses.null.place.key}):
        raise RefusalError(f"Giving up early would skip `{show(ended)}`, which ends what was begun before.")
    names = {site.source.text(each) for each in walk(uses.null.place.pointer) if each.type.endswith("identifier")}
    if undone := left_undone(site.source, [statement, *skipped], names, in_loop=left != site.scope):
        raise RefusalError(f"Giving up early would skip `{show(site.source.text(undone))}`, which others go by.")
    return leave
