"""
One spelling for one C++ function, whichever debugger, symboliser or compiler named it.

Return type, arguments, cv and ref qualifiers and template arguments are dropped; anonymous namespaces, lambdas and
clones of the optimiser take one form, and Rust's hashes go. The class of a destructor stays, and operators keep their
name. Why: raw names of one defect never agree between gdb and a sanitizer.
"""

import functools
import re

import re2

ANONYMOUS = "(anonymous namespace)"
LAMBDA = "(lambda)"

LENGTH_LIMIT = 4096
_KEPT_NAMES = 16_384
_KEPT_LENGTH = 512
_HASH = re2.compile(r"::h[0-9a-f]{16}$")
_CLONE = re2.compile(
    r"(\s*\[clone [^\]]*\]|\s*\(\.[\w.]+\)|\.(?:cold|isra|part|constprop|llvm|lto_priv|localalias|lto|str|clone)"
    r"(?:\.\d+)*|\[abi:\w+\]|@@?[A-Z]+_[\w.]+|@plt)"
)
_ANONYMOUS_SPELLINGS = (
    "`anonymous namespace'",
    "`anonymous-namespace'",
    "{anonymous}",
    "<unnamed>",
    "(anonymous namespace)",
    "_GLOBAL__N_1",
)
_PLAIN = re.compile(r"[A-Za-z_]\w{0,199}(?:::~?[A-Za-z_]\w{0,199}){0,8}")
_LAMBDA = re2.compile(r"`lambda[^']*'|'lambda\d*'|\$_\d+")
_LAMBDA_CALL = re2.compile(re2.escape(LAMBDA) + r"::(operator\(\)|__invoke|_FUN)$")
_SCOPE_NUMBER = re2.compile(r"`\d+'::")
_OPERATOR_SYMBOL = re2.compile(
    r"operator\s*(\(\)|\[\]|<=>|<<=|>>=|->\*|->|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%^&|]=|[-+*/%^&|~!=<>,])"
)
_DELETING = re2.compile(r"(?:(\w+)(?:<[^`]*>)?::)?`(?:scalar|vector) deleting destructor'")
_QUALIFIER = re2.compile(r"(\s+(const|volatile|noexcept)|\s*&&?)+\s*$")
_CONVERSION = re2.compile(r"^(.*?(?:^|[^\w]))operator ([\w:].*)$")

# Placeholders from the private use area stand for pieces that the bracket scanner must not see.
_MARK_ANONYMOUS = "\ue000"
_MARK_LAMBDA = "\ue001"
_MARK_OPERATOR = 0xE100


def normalise(name: str) -> str:
    """
    Return the one spelling of a function's name.

    Runs in linear time on any text, however long or deeply nested; only the first 4,096 characters count. Answers are
    kept for the next crashes, which mostly have the same functions.
    """
    return _kept(name) if len(name) <= _KEPT_LENGTH else _spell(name)


@functools.lru_cache(maxsize=_KEPT_NAMES)
def _kept(name: str) -> str:
    return _spell(name)


def _spell(name: str) -> str:
    if _PLAIN.fullmatch(name) and "_GLOBAL__N_1" not in name and "::h" not in name:
        return name
    text = " ".join(name[:LENGTH_LIMIT].split())
    if not text.isascii():  # RE2 takes no halves of surrogate pairs
        text = text.encode("utf-8", errors="replace").decode("utf-8")
    text = _HASH.sub("", str(_CLONE.sub("", text)).strip())
    for spelling in _ANONYMOUS_SPELLINGS:
        text = text.replace(spelling, _MARK_ANONYMOUS)
    text = _DELETING.sub(r"\1::~\1", text)
    text = _SCOPE_NUMBER.sub("", text).replace("`", "").replace("'::", "::").replace("static ", "")
    text, operators = _hide_operators(_hide_lambdas(text))
    text = _drop_brackets(text)
    text = str(_QUALIFIER.sub("", text)).strip()
    text = _drop_return_type(text)
    text = _show(text, operators)
    return text.removeprefix("::") or " ".join(name[:200].split())


def unqualified(name: str) -> str:
    """Return the last component of a normalised name: ``WorldSession::Update`` -> ``Update``."""
    return name.rpartition("::")[2]


def _hide_lambdas(text: str) -> str:
    """Put the mark before the bracket that holds the lambda's arguments and number; the bracket itself goes later."""
    text = _MARK_LAMBDA.join(_LAMBDA.split(text))
    return text.replace("{lambda", _MARK_LAMBDA + "{").replace("<lambda", _MARK_LAMBDA + "<")


def _hide_operators(text: str) -> tuple[str, list[str]]:
    """Replace ``operator<`` and the like by marks, so that their brackets are not taken for brackets."""
    operators: list[str] = []
    pieces: list[str] = []
    last = 0
    for found in _OPERATOR_SYMBOL.finditer(text):
        if found.start() and (text[found.start() - 1].isalnum() or text[found.start() - 1] == "_"):
            continue
        pieces += [text[last : found.start()], chr(_MARK_OPERATOR + len(operators))]
        operators.append("operator" + found.group(1))
        last = found.end()
    return "".join([*pieces, text[last:]]), operators


def _drop_brackets(text: str) -> str:
    """Drop everything between matching ``<>``, ``()`` and ``{}``; an unbalanced rest is dropped to the end."""
    kept: list[str] = []
    depth = 0
    previous = ""
    for character in text:
        if character in "<({":
            depth += 1
        elif character in ")}" or (character == ">" and previous != "-"):
            if depth:
                depth -= 1
        elif depth == 0:
            kept.append(character)
        previous = character
    return "".join(kept)


def _drop_return_type(text: str) -> str:
    if found := _CONVERSION.search(text):
        return str(found.group(1)).rpartition(" ")[2] + "operator " + " ".join(found.group(2).split())
    return text.rpartition(" ")[2]


def _show(text: str, operators: list[str]) -> str:
    text = text.replace(_MARK_ANONYMOUS, ANONYMOUS).replace(_MARK_LAMBDA, LAMBDA)
    for index, operator in enumerate(operators):
        text = text.replace(chr(_MARK_OPERATOR + index), operator)
    return str(_LAMBDA_CALL.sub(LAMBDA, text))
