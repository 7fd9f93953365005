"""
Making text from dumps and logs fit to leave the house: for a model's prompt, a commit, a pull request, a notification.

`clean` takes out what people do not see, `redact` what they must not see. Neither is a fence against instructions in
the text: it stays hostile, and who reads it holds no powers. All patterns are RE2's, linear in the text.
"""

import ipaddress
import unicodedata
from collections.abc import Callable
from typing import Any

import re2

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cn"})
_HIDDEN_OTHERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2028\u2029\u3164\uffa0")
"""Characters that show nothing although Unicode counts them as letters, marks or separators."""

_SENSITIVE = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|verifier"
    r"|(?:api|access|private|secret|session|auth)[ _-]?key)"
)
_QUOTED = r"\"[^\"\n]*\"|'[^'\n]*'"
_VALUE = rf"(?:{_QUOTED}|[\"']?[^\s\"'&;,]+)"
# ``Token::Next`` and ``token == x`` name no secret: straight behind the sign stands neither sign again.
_CLOSE_VALUE = rf"(?:{_QUOTED}|[\"']?[^\s\"'&;,:=])"
_CLOSING = r"\b((?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)[ \t]*:?\s*"

_ROUNDS = 8
"""One mask can uncover what another rule looks for, so the rules are applied until nothing changes; two rounds do."""

Replacement = str | Callable[[Any], str]


def clean(text: str) -> str:
    """
    Strip control, zero-width, bidirectional and other invisible characters; newlines and tabs stay.

    A lone surrogate (from an undecodable byte) becomes U+FFFD, so that the result can always be encoded.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def redact(text: str) -> str:
    """
    Mask keys, tokens, passwords, database URLs, IP and e-mail addresses, account names and owners of home folders,
    after `clean`.

    ``@name`` and ``Fixes #12`` keep their sense but lose their effect on a forge. Redacting twice changes nothing more.
    Cut long text after redacting: half a token no longer looks like one.
    """
    text = clean(text)
    for _ in range(_ROUNDS):
        before = text
        for pattern, replacement in _RULES:
            text = pattern.sub(replacement, text)
        if text == before:
            break
    return text


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    if character in _HIDDEN_OTHERS or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return ""
    return "" if unicodedata.category(character) in _HIDDEN_CATEGORIES else character


def _mask_ipv6(found: Any) -> str:
    """C++ scopes and clock times look alike: what parses as an address, and is not like ``ace::fade``, is masked."""
    address = str(found["address"])
    if address.count(":") == 2 and not any(letter.isdigit() for letter in address):
        return str(found[0])
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return str(found[0])
    return f"{found['before']}[ip]"


_RULES: tuple[tuple[Any, Replacement], ...] = tuple(
    (re2.compile(pattern), replacement)
    for pattern, replacement in (
        (r"-----BEGIN[ A-Z]*PRIVATE KEY-----(?s:.*?)(?:-----END[ A-Z]*PRIVATE KEY-----|\z)", "[secret]"),
        (
            r"(?i)\b(?:postgres(?:ql)?|mysql|mariadb|mssql|mongodb|rediss?|amqps?|oracle|sqlite)(?:\+\w+)?://[^\s\"'<>]+",
            "[database-url]",
        ),
        # host;port;user;password;database, as in a worldserver.conf
        (r"[\w.:/-]+;\d{4,5};[A-Za-z_][^\s\"';]*;[^\s\"';]*;[A-Za-z_][\w-]*(?:;\w*)?", "[database-url]"),
        (r"(?i)\b(https?|ftp|ssh|git)://[^\s/@\"'<>]+@", r"\1://[secret]@"),
        (r"(?i)https://(?:(?:\w+\.)?discord(?:app)?\.com/api/webhooks|hooks\.slack\.com)/[^\s\"'<>]+", "[secret]"),
        (r"\bgh[a-z]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}", "[secret]"),
        (r"\bsk-[A-Za-z0-9_-]{20,}|\b[prs]k_(?:live|test)_\w{8,}|\bxox[a-z]-[A-Za-z0-9-]{8,}", "[secret]"),
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?", "[secret]"),
        (r"(?i)\b(authorization[\"']?[ \t]*[:=][ \t]*[\"']?)[^\s\"'][^\n\"']*", r"\1[secret]"),
        (r"(?i)\b(bearer)[ \t]+[A-Za-z0-9+/._~-]{16,}=*|\b(basic)[ \t]+[A-Za-z0-9+/]{8,}={1,2}", r"\1\2 [secret]"),
        # Longer than SHA-256: session keys and password verifiers, while commits and checksums stay readable.
        (r"\b(?:0x)?[0-9A-Fa-f]{65,}\b", "[secret]"),
        (rf"(?i)(\b\w*?{_SENSITIVE}[\"']?[ \t]*[:=][ \t]+|--[\w-]*?{_SENSITIVE}[ \t]+){_VALUE}+", r"\1[secret]"),
        (rf"(?i)(\b\w*?{_SENSITIVE}[\"']?[ \t]*[:=]){_CLOSE_VALUE}{_VALUE}*", r"\1[secret]"),
        (r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "[e-mail]"),
        (r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b", "[ip]"),
        (r"(?P<before>^|[^\w:.])(?P<address>[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f:]*[0-9A-Fa-f])\b", _mask_ipv6),
        (
            r"(?i)\b((?:account|user|login|client)(?:[ _]?name)?s?[\"']?[ \t]*[:=]?[ \t]*)(?:'[^'\n]+'|\"[^\"\n]+\")",
            r"\1'[account]'",
        ),
        # Whose home a path leads through is nobody's business; what lies below it may be needed.
        (
            (
                r"((?:^|[^\w.])(?:/home/|/Users/|(?i:[a-z]:[\\/]+(?:users|documents and settings)[\\/]+)))"
                r"[^/\\\s:\"'<>|(),;]+"
            ),
            r"\1[user]",
        ),
        (r"\b((?i:account(?:[ _]?name)?|username)[ \t]*[:=]?[ \t]+)[A-Z][A-Z0-9_]{2,}\b", r"\1[account]"),
        (r"(^|[^A-Za-z0-9])@([A-Za-z0-9])", r"\1(at)\2"),
        (rf"(?i){_CLOSING}(?:[\w.-]+/[\w.-]+)?(?:#|gh-))(\d)", r"\1 \2"),
        (rf"(?i){_CLOSING}https?://\S+?/(?:issues|pull)/)(\d)", r"\1 \2"),
    )
)
"""In this order: what is masked whole comes before what is masked in part."""
