"""Redaction: what is masked, what stays readable, and that hostile text can't get round it or slow it down."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.redaction import clean, redact

KEY = "A1b2C3d4" * 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("gh" + "p_" + KEY, "[secret]", id="GitHub token"),
        pytest.param("github" + "_pat_" + KEY, "[secret]", id="fine-grained GitHub token"),
        pytest.param("glpat" + "-" + KEY, "[secret]", id="GitLab token"),
        pytest.param("key sk" + "-ant-" + KEY, "key [secret]", id="Anthropic key"),
        pytest.param("sk" + "_live_" + KEY, "[secret]", id="Stripe key"),
        pytest.param("xox" + "b-" + KEY, "[secret]", id="Slack token"),
        pytest.param("AKIA" + "ABCDEFGHIJKLMNOP", "[secret]", id="AWS key id"),
        pytest.param("AIza" + KEY, "[secret]", id="Google key"),
        pytest.param("eyJ" + KEY + "." + KEY + "." + KEY, "[secret]", id="JSON web token"),
        pytest.param("Bearer " + KEY, "Bearer [secret]", id="bearer"),
        pytest.param("Authorization: Basic QTpi", "Authorization: [secret]", id="authorization header"),
        pytest.param("https://discord.com/api/webhooks/1/abc", "[secret]", id="Discord webhook"),
        pytest.param("https://hooks.slack.com/services/T/B/x", "[secret]", id="Slack webhook"),
        pytest.param(
            "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nx", "[secret]\nx", id="private key"
        ),
        pytest.param("-----BEGIN PRIVATE KEY-----\nMIIcut", "[secret]", id="private key that was cut"),
        pytest.param("password=hunter2 x", "password=[secret] x", id="password"),
        pytest.param("Token: 'a b' x", "Token: [secret] x", id="quoted token"),
        pytest.param('password="cut in the', "password=[secret] in the", id="quote that does not close"),
        pytest.param('{"api_key": "a b", "n": 1}', '{"api_key": [secret], "n": 1}', id="key in JSON"),
        pytest.param("MyDB_PASSWORD=x;y", "MyDB_PASSWORD=[secret];y", id="prefixed word"),
        pytest.param("mysql --password hunter2", "mysql --password [secret]", id="command line"),
        pytest.param("SessionKey " + "a9" * 40, "SessionKey [secret]", id="session key of 40 bytes"),
        pytest.param("at postgresql://u:p@h:5432/db?x=1 now", "at [database-url] now", id="database URL"),
        pytest.param("mysql+pymysql://u:p@h/db", "[database-url]", id="database URL with a driver"),
        pytest.param('"db.lan;3306;trinity;pw;auth"', '"[database-url]"', id="connection string of a worldserver.conf"),
        pytest.param("https://me:pw@host/x", "https://[secret](at)host/x", id="credentials in a URL"),
        pytest.param("from 10.1.2.3:8085 to 255.0.0.1", "from [ip]:8085 to [ip]", id="IPv4"),
        pytest.param("from ::1, fe80::1,2001:db8::ff00:42:8329.", "from [ip], [ip],[ip].", id="IPv6"),
        pytest.param("mail bob.x+y@mail.example.org!", "mail [e-mail]!", id="e-mail"),
        pytest.param("Account 'BOB' logs in", "Account '[account]' logs in", id="quoted account"),
        pytest.param('user "Bob B" left', "user '[account]' left", id="quoted user"),
        pytest.param("account BOB_7 tried", "account [account] tried", id="account in capitals"),
        pytest.param("(at /home/bob/src/a.cpp:3)", "(at /home/[user]/src/a.cpp:3)", id="home folder"),
        pytest.param(r"C:\Users\Bob B\x, c:/users/b", r"C:\Users\[user] B\x, c:/users/[user]", id="home on Windows"),
        pytest.param("hello @alice and @org/team", "hello (at)alice and (at)org/team", id="mention"),
        pytest.param("_@alice_ @@bob", "_(at)alice_ @(at)bob", id="mention behind a mark"),
        pytest.param("Fixes #12", "Fixes # 12", id="closing a pull request's issue"),
        pytest.param("closed:  a/b#3, RESOLVES gh-4", "closed:  a/b# 3, RESOLVES gh- 4", id="other closing words"),
        pytest.param("fix https://x.y/a/b/issues/77", "fix https://x.y/a/b/issues/ 77", id="closing by address"),
    ],
)
def test_what_must_not_leave_the_house_is_masked(text: str, expected: str) -> None:
    assert expected == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "#1  0x00007f3c9a in Unit::DealDamage (this=0x0) at Unit.cpp:10863",
        "std::vector<Token>::end ace::fade Token::Next",
        "token == nullptr, tokens == 3",
        "[01:15:35] [server.worldserver] 12 of 30",
        "TrinityCore rev. 0743a2f7c1de 2025-10-31 12:34:56 +0000 (master branch) (Win64, RelWithDebInfo)",
        "sha256 " + "0a" * 32,
        "3.3.5.12340 on Windows 10.0.19045.1",
        "Account: 5, account id 7, the account is locked",
        "Fixed 12 of #30, prefixes #1",
        "0001:000000000043AF01 CS:RIP:0033:00007FF6A1B2C3D4",
        "F:\\src\\Unit.cpp @ 33, worldserver.exe+1F2E",
        "Basic Campfire, Torch Bearer",
        "compass = north",
    ],
)
def test_what_an_analyst_needs_stays_readable(text: str) -> None:
    assert text == redact(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\x00b\x1bc\x7fd\x85e\rf", "abcdef", id="controls"),
        pytest.param("a\tb\nc", "a\tb\nc", id="tabs and newlines stay"),
        pytest.param("a\u200bb\u200d\u2060\ufeffc\u00add", "abcd", id="zero width"),
        pytest.param("a\u202eb\u2066c\u2069\u061cd", "abcd", id="bidirectional"),
        pytest.param("a\U000e0041\U000e007fb\ufe0fc\u3164d", "abcd", id="tags, selectors and fillers"),
        pytest.param("a\udc81b", "a\ufffdb", id="an undecodable byte"),
        pytest.param("Zoë Ångström 你好 €", "Zoë Ångström 你好 €", id="letters of any script"),
    ],
)
def test_invisible_characters_are_stripped(text: str, expected: str) -> None:
    assert expected == clean(text)


def test_invisible_characters_hide_no_secret() -> None:
    expected = "password=[secret] (at)alice"

    assert expected == redact("pass\u200bword=hun\u2060ter2 \u202e@\u200calice")


HOSTILE_PIECES = (
    "password|=|:|'|\"| |@|bob|.|1.2.3.4|::1|#|12|fixes |account |\n|a|[secret]|[ip]|/|;|3306|é|--token |=="
)
pieces = st.sampled_from([*HOSTILE_PIECES.split("|"), "postgresql://", "Basic ", "\u200b"])


@given(st.lists(pieces, max_size=25).map("".join) | st.text())
def test_any_text_is_redacted_to_visible_encodable_text_and_twice_equals_once(text: str) -> None:
    once = redact(text)

    assert once == redact(once)
    assert not [
        letter for letter in once if unicodedata.category(letter) in {"Cc", "Cf", "Cs"} and letter not in "\n\t"
    ]
    json.dumps(once).encode()
    once.encode()


@given(st.text(st.characters(categories=["L", "N"])), st.sampled_from(["=", ": ", " = "]))
def test_no_password_of_one_word_survives(password: str, separator: str) -> None:
    word = password + "Zq9"

    assert word not in redact(f"login password{separator}{word} failed")


@pytest.mark.parametrize(
    "text",
    [
        "a@" * 50_000,
        "1." * 50_000,
        "a:" * 50_000,
        "--" * 50_000,
        "a" * 200_000,
        "eyJ" * 50_000,
        "password=" * 5_000,
        "account '" * 5_000,
        "fixes https://" + "a" * 100_000,
        "-----BEGIN PRIVATE KEY-----" * 5_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_repetition_is_bounded(text: str) -> None:
    """No rule backtracks: this text takes hours when one does."""
    assert len(redact(text)) <= 3 * len(text)
