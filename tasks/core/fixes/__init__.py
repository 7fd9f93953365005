"""
Deterministic repairs of C++: one template per file, each a rewrite of a known shape, looked up by its slug.

A pattern names the template that repairs its defects. To add one, write its file and enter it in ``TEMPLATES``.
"""

from tasks.core.errors import NotFoundError
from tasks.core.fixes.contract import Proposal, Template, candidate_frames
from tasks.core.fixes.null_check import NullCheck

__all__ = ["TEMPLATES", "Proposal", "Template", "candidate_frames", "template"]

TEMPLATES: tuple[Template, ...] = (NullCheck(),)


def template(slug: str) -> Template:
    """
    Return the template of that slug.

    Raises:
        NotFoundError: there is none; the text names those that exist.
    """
    for each in TEMPLATES:
        if each.slug == slug:
            return each
    raise NotFoundError(f"There is no template {slug!r}; there are: {', '.join(each.slug for each in TEMPLATES)}.")
