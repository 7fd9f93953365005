"""
Deterministic repairs of C++: one template per file, each a rewrite of a known shape, looked up by its slug.

A pattern names the template that repairs its defects, or several with commas between, of which the first that fits is
taken. To add one, write its file and enter it in ``TEMPLATES``.
"""

from tasks.core.errors import NotFoundError
from tasks.core.fixes.aura_guard import AuraGuard
from tasks.core.fixes.bot_guard import BotGuard
from tasks.core.fixes.choice import FirstThatFits
from tasks.core.fixes.clear_spell_mod import ClearSpellMod
from tasks.core.fixes.contract import Proposal, Template, candidate_frames
from tasks.core.fixes.debug_logging import DebugLogging
from tasks.core.fixes.deferred_call import DeferredCall
from tasks.core.fixes.lock_copy import LockCopy
from tasks.core.fixes.null_check import NullCheck
from tasks.core.fixes.session_thread_removal import SessionThreadRemoval
from tasks.core.fixes.state_validation import StateValidation
from tasks.core.hierarchy import Level

__all__ = ["TEMPLATES", "Level", "Proposal", "Template", "candidate_frames", "template"]

TEMPLATES: tuple[Template, ...] = (
    NullCheck(),
    SessionThreadRemoval(),
    AuraGuard(),
    ClearSpellMod(),
    LockCopy(),
    DebugLogging(),
    DeferredCall(),
    StateValidation(),
    BotGuard(),
)


def template(slugs: str) -> Template:
    """
    Return the template of that slug, or the choice among several with commas between.

    Raises:
        NotFoundError: there is none; the text names those that exist.
    """
    by_slug = {each.slug: each for each in TEMPLATES}
    wanted = [slug.strip() for slug in slugs.split(",")]
    if unknown := [slug for slug in wanted if slug not in by_slug]:
        raise NotFoundError(f"There is no template {unknown[0]!r}; there are: {', '.join(by_slug)}.")
    found = [by_slug[slug] for slug in wanted]
    return found[0] if len(found) == 1 else FirstThatFits(found)
