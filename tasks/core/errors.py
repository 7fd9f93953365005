"""
Every error that crashflow raises on purpose, and who is expected to catch it.

::

    CrashflowError                 the command line prints its one sentence and exits 1
    |-- ConfigurationError         a crashflow.toml or environment variable is wrong; exits 2
    |-- NotFoundError              an id or path that the user typed does not exist; exits 2
    |-- ToolMissingError           a program of the system is not installed; names how to get it
    |-- DatabaseError              Postgres can't be reached or started
    |-- DumpError                  a dump can't be read: its row becomes FAILED, the rest goes on
    |   `-- UnrecognisedError      no parser knows the format
    |-- LeaseLostError             another run has what this one worked on: it stops, and writes nothing
    |-- DecisionError              what a person decided of a defect can't be done; exits 2
    |-- TransitionError            an illegal change of state
    |-- EditError                  a source edit does not fit its file
    |-- RefusalError               a template declines a place in the source; carries the reason
    |-- AnswerError                an analyst's answer is not what was asked for; it may be told so
    |-- BudgetError                money, tokens, steps or minutes for analyses are spent; names which
    |-- AnalystError               an analyst can't be asked, or refuses
    |   `-- AnalystAwayError       it may answer later: the run gives up, and another asks again
    `-- FixError                   a fix can't go on: the fix becomes FAILED
        |-- GateError              a gate is red; carries an excerpt of its log
        `-- GitError               git refused
"""


class CrashflowError(Exception):
    """The root: its text is one sentence for a person and says what to do next."""


class ConfigurationError(CrashflowError):
    """A setting is wrong; the text names the place and what is expected there."""


class NotFoundError(CrashflowError):
    """Something that the user named does not exist."""


class ToolMissingError(CrashflowError):
    """A program of the system is missing; the text names it, its use, and the command that installs it."""


class DatabaseError(CrashflowError):
    """Postgres can't be started or reached."""


class DumpError(CrashflowError):
    """A dump can't be read; the dump itself is kept."""


class UnrecognisedError(DumpError):
    """No parser knows the format of this file."""


class LeaseLostError(CrashflowError):
    """Another run holds what this one worked on, or is to hold it."""


class DecisionError(CrashflowError):
    """What a person decided about a defect can't be done; the text says why."""


class TransitionError(CrashflowError):
    """A state may not follow another."""


class EditError(CrashflowError):
    """A source edit does not match its file exactly once, or points outside the tree."""


class RefusalError(CrashflowError):
    """A template declines: the place in the source does not have its shape."""


class AnswerError(CrashflowError):
    """An answer of an analyst is not what was asked for; the text tells the analyst what to change."""


class BudgetError(CrashflowError):
    """What may be spent on analyses is spent; the text names the limit."""


class AnalystError(CrashflowError):
    """An analyst can't be asked, or refuses."""


class AnalystAwayError(AnalystError):
    """An analyst can't be asked now: the same question may be answered later."""


class FixError(CrashflowError):
    """A fix can't go on."""


class GateError(FixError):
    """A gate is red, named by ``gate``; the text ends with the words of the tool that said so."""

    def __init__(self, gate: str, text: str) -> None:
        # Both go to the base class, so that the error survives the way between processes.
        super().__init__(gate, text)
        self.gate = gate

    def __str__(self) -> str:
        return str(self.args[1])


class GitError(FixError):
    """Git refused."""
