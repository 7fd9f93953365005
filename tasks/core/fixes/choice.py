"""Several templates for one pattern: the first whose shape is there repairs the defect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from tasks.core.crash import Crash
from tasks.core.errors import RefusalError
from tasks.core.fixes.contract import Proposal, Template
from tasks.core.hierarchy import Level


@dataclass(frozen=True)
class FirstThatFits:
    """Ask templates in their order; the refusals of those before the last are part of its own."""

    templates: Sequence[Template]

    @property
    def slug(self) -> str:
        """The slugs of all, as a pattern lists them."""
        return ", ".join(each.slug for each in self.templates)

    @property
    def version(self) -> int:
        """Counts up with each of them."""
        return sum(each.version for each in self.templates)

    @property
    def summary(self) -> str:
        """What each of them does."""
        return ", or ".join(each.summary for each in self.templates)

    @property
    def level(self) -> Level:
        """The deepest level that any of them reaches."""
        levels = get_args(Level)
        return max((each.level for each in self.templates), key=levels.index)

    def wanted_files(self, crash: Crash) -> tuple[str, ...]:
        """Return the files that any of them reads."""
        return tuple(dict.fromkeys(file for each in self.templates for file in each.wanted_files(crash)))

    def wanted_texts(self, crash: Crash) -> tuple[bytes, ...]:
        """Return the texts that any of them looks for."""
        return tuple(dict.fromkeys(text for each in self.templates for text in each.wanted_texts(crash)))

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose what the first template proposes that does not refuse.

        Raises:
            RefusalError: all of them refuse; the text holds each one's reason.
        """
        reasons = []
        for each in self.templates:
            try:
                return each.propose(crash, sources)
            except RefusalError as refusal:
                reasons.append(f"{each.slug}: {refusal}")
        raise RefusalError(" ".join(reasons))
