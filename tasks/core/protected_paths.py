"""Paths that no fix may change: what builds, tests and publishes the project, and what would run on other machines."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

DEFAULT = (
    ".github/",
    ".gitlab-ci.yml",
    ".circleci/",
    ".travis.yml",
    "appveyor.yml",
    "azure-pipelines.yml",
    "Jenkinsfile",
    ".gitmodules",
    ".gitattributes",
    "CMakeLists.txt",
    "*.cmake",
    "cmake/",
    "Makefile",
    "*.sh",
    "*.bat",
    "*.ps1",
)


def rule_for(path: str, rules: Iterable[str]) -> str | None:
    """
    Return the first rule that protects a path of the repository, None where none does.

    ``folder/`` protects what lies below it; a name without a slash, which may hold ``*`` and ``?``, the files of that
    name in every folder; any other rule that one path. Letters of either case are the same, as on the file systems
    that would be fooled.
    """
    name, folded = path.rpartition("/")[2].lower(), path.lower()
    for rule in rules:
        wanted = rule.lower()
        if wanted.endswith("/"):
            is_hit = folded.startswith(wanted)
        elif "/" in wanted:
            is_hit = fnmatchcase(folded, wanted)
        else:
            is_hit = fnmatchcase(name, wanted)
        # A rule with brackets names a file, too.
        if is_hit or wanted in (folded, name):
            return rule
    return None
