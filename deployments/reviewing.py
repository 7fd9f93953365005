"""``crashflow review``: what a person decides of a fix."""

import getpass

from db.settings import Settings
from deployments import console
from tasks.core.errors import ConfigurationError
from tasks.steps import promotions
from tasks.steps import review as reviews
from tasks.steps.workspace import open_workspace


def review(settings: Settings, fix_id: int, decision: str, comment: str) -> None:
    """
    Record and carry out a decision, in the name of the account that runs the command.

    Raises:
        ConfigurationError: there is no such decision.
        CrashflowError: the decision can't be made, or the forge refuses.
    """
    chosen = next((each for each in reviews.DECISIONS if each == decision), None)
    if chosen is None:
        raise ConfigurationError(f"There is no decision {decision!r}; choose {', '.join(reviews.DECISIONS)}.")
    room = open_workspace(settings)
    state = reviews.decide(room, fix_id, chosen, comment, getpass.getuser())
    console.line(f"Fix {fix_id} is {state}.")
    with room.database.transaction() as session:
        repeated = promotions.worth_a_pattern(session)
    for repair in (each for each in repeated if fix_id in each.fixes):
        console.line(
            f"{repair.place} was repaired this way {len(repair.fixes)} times:"
            f" `crashflow defects promote {repair.defect_id}` drafts a pattern."
        )
