"""Which failures Prefect should repeat."""

import pickle

import pytest
from prefect.states import Failed

from tasks.core.errors import (
    CrashflowError,
    DatabaseError,
    EditError,
    FixError,
    GateError,
    GitError,
    RefusalError,
)
from tasks.steps import runs


@pytest.mark.parametrize(
    ("error", "is_repeated"),
    [
        (FixError("GitHub does not accept the token."), False),
        (RefusalError("not its shape"), False),
        (EditError("matches twice"), False),
        (GateError("compile", "red"), False),
        (CrashflowError("no"), False),
        (GitError("the remote can't be reached"), True),
        (DatabaseError("Postgres is away"), True),
        (OSError("no space"), True),
    ],
)
def test_what_is_refused_is_not_asked_again(error: Exception, is_repeated: bool) -> None:
    assert is_repeated == runs.is_worth_another_try(None, None, Failed(data=error))


def test_a_red_gate_keeps_its_name_and_words_on_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(GateError("tests", "1 of 9 failed")))
    assert ("tests", "1 of 9 failed") == (error.gate, str(error))
