"""The forge that is GitHub: the real PyGithub against a server on the loopback, for each thing that can go wrong."""

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from deployments import doctor
from tasks.clients.forge import PullRequestDraft
from tasks.clients.github_calls import Patience
from tasks.clients.github_forge import GitHubForge, api_address
from tasks.core.configuration import ForgeSettings
from tasks.core.errors import FixError
from tasks.steps import forges
from tests.integration.loopback_github import REPOSITORY, TOKEN, GitHub, Trouble

QUICK = Patience(total_s=1.0, server_s=0.01, limit_s=0.02, pause_s=0.0)
HEAD = "c" * 40
DRAFT = PullRequestDraft(
    title="fix(playerbot): null pointer in WorldSession::Update",
    body=f"What crashed, and commit {HEAD}.",
    branch="crashflow/fix-1-world-update",
    base="main",
    head_commit=HEAD,
    labels=("automated-fix", "crash-fix", "needs-review"),
)


@pytest.fixture
def github() -> Iterator[GitHub]:
    server = GitHub()
    yield server
    server.close()


def forge_at(github: GitHub, token: str = TOKEN, **more: str) -> GitHubForge:
    settings = ForgeSettings(kind="github", repository=REPOSITORY, url=github.url, **more)
    return GitHubForge(settings, SecretStr(token), QUICK)


def test_a_draft_is_opened_with_its_labels_which_are_made_where_they_are_missing(github: GitHub) -> None:
    github.labels["crash-fix"] = {"name": "crash-fix", "color": "000000", "url": github.url}
    reference = forge_at(github).open_draft(DRAFT)
    (pull,) = github.pulls
    assert (f"{github.url}/{REPOSITORY}/pull/1", 1, "draft") == (reference.url, reference.number, reference.state)
    assert (DRAFT.title, DRAFT.body, True) == (pull["title"], pull["body"], pull["draft"])
    assert ("guild:crashflow/fix-1-world-update", "main") == (pull["head"]["label"], pull["base"]["ref"])
    assert set(DRAFT.labels) == {label["name"] for label in pull["labels"]} == set(github.labels)
    assert () == reference.notes


def test_a_second_run_makes_no_second_one_and_brings_the_first_up_to_date(github: GitHub) -> None:
    forge = forge_at(github)
    forge.open_draft(DRAFT)
    reference = forge.open_draft(replace(DRAFT, title="better", body=f"other words {HEAD}"))
    assert (1, 1) == (len(github.pulls), reference.number)
    assert "better" == github.pulls[0]["title"]
    assert 3 == len(github.pulls[0]["labels"])
    before = len(github.asked)
    forge.open_draft(replace(DRAFT, title="better", body=f"other words {HEAD}"))
    assert ["GET"] == [call.partition(" ")[0] for call in github.asked[before:]]


def test_an_answer_that_gets_lost_makes_no_second_one(github: GitHub) -> None:
    github.lost_answers = 1
    reference = forge_at(github).open_draft(DRAFT)
    assert (1, 1) == (len(github.pulls), reference.number)


def test_what_was_marked_ready_for_another_commit_becomes_a_draft_again(github: GitHub) -> None:
    forge = forge_at(github)
    forge.open_draft(DRAFT)
    github.pulls[0]["draft"] = False
    assert "open" == forge.open_draft(DRAFT).state
    forge.open_draft(replace(DRAFT, head_commit="d" * 40, body="commit " + "d" * 40))
    assert github.pulls[0]["draft"]


def test_a_draft_is_marked_ready_once_and_tells_what_was_said(github: GitHub) -> None:
    forge = forge_at(github)
    forge.open_draft(DRAFT)
    forge.comment(DRAFT.branch, "Looks right.")
    forge.mark_ready(DRAFT.branch)
    assert (False, "open") == (github.pulls[0]["draft"], github.pulls[0]["state"])
    assert [(1, "Looks right.")] == github.comments
    before = len(github.asked)
    forge.mark_ready(DRAFT.branch)
    assert not any("graphql" in call for call in github.asked[before:])
    with pytest.raises(FixError, match="no pull request of crashflow/other"):
        forge.mark_ready("crashflow/other")


@pytest.mark.parametrize(("merged_at", "state"), [(None, "closed"), ("2026-11-21T03:41:00Z", "merged")])
def test_what_ended_is_not_opened_again(github: GitHub, merged_at: str | None, state: str) -> None:
    forge = forge_at(github)
    forge.open_draft(DRAFT)
    github.pulls[0] |= {"state": "closed", "merged_at": merged_at}
    with pytest.raises(FixError, match=f"is {state} and is not opened again"):
        forge.open_draft(DRAFT)
    assert 1 == len(github.pulls)


def test_it_is_closed_with_a_comment_once(github: GitHub) -> None:
    forge = forge_at(github)
    forge.open_draft(DRAFT)
    assert [True, False] == [forge.close(DRAFT.branch, "rejected: hides the crash") for _ in range(2)]
    assert [(1, "rejected: hides the crash")] == github.comments
    assert "closed" == github.pulls[0]["state"]
    assert None is forge.find("crashflow/another")


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(502, "Bad Gateway", times=3),
        Trouble(429, "Too Many Requests", {"Retry-After": "0"}),
        Trouble(403, "API rate limit exceeded", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, times=0),
        Trouble(403, "You have exceeded a secondary rate limit", times=2),
    ],
    ids=["server", "retry-after", "primary", "secondary"],
)
def test_what_passes_is_waited_for(github: GitHub, trouble: Trouble) -> None:
    github.trouble("POST .*/pulls$", trouble)
    assert 1 == forge_at(github).open_draft(DRAFT).number


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (Trouble(401, "Bad credentials"), "does not accept the token .* put it into CRASHFLOW_GITHUB_TOKEN"),
        (
            Trouble(403, "Resource not accessible by personal access token"),
            "Contents and Pull requests, read and write",
        ),
        (Trouble(403, "Forbidden", {"X-GitHub-SSO": "required"}), "single sign-on"),
        (Trouble(403, "Repository was archived so is read-only."), "archived"),
        (Trouble(404, "Not Found"), r"shows no guild/server at .* check \[forge\] repository"),
        (Trouble(429, "Too Many Requests", {"Retry-After": "3600"}), "answers again in 3600 s"),
        (Trouble(403, "limit", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}), "answers again in"),
        (Trouble(500, "oops", times=50), "see its status page"),
        (
            Trouble(
                422, "Validation Failed", errors=({"resource": "PullRequest", "field": "base", "code": "invalid"},)
            ),
            "correct base_branch",
        ),
        (
            Trouble(
                422, "Validation Failed", errors=({"resource": "PullRequest", "field": "head", "code": "invalid"},)
            ),
            "does not find the branch under guild",
        ),
        (Trouble(422, "Draft pull requests are not supported in this repository."), "has no draft pull requests"),
        (
            Trouble(422, "Validation Failed", errors=("No commits between main and crashflow/fix-1",)),
            "nothing that its base",
        ),
    ],
    ids=lambda value: value.message[:30] if isinstance(value, Trouble) else "",
)
def test_each_refusal_is_one_sentence_that_says_what_to_do(github: GitHub, trouble: Trouble, sentence: str) -> None:
    github.trouble("POST .*/pulls$", trouble)
    with pytest.raises(FixError, match=sentence) as caught:
        forge_at(github).open_draft(DRAFT)
    assert TOKEN not in str(caught.value)
    assert [] == github.pulls


def test_a_repository_without_drafts_gets_a_plain_one_only_where_that_is_configured(github: GitHub) -> None:
    github.trouble("POST .*/pulls$", Trouble(422, "Draft pull requests are not supported in this repository."))
    reference = forge_at(github, drafts="where possible").open_draft(DRAFT)
    assert "open" == reference.state
    assert "do not merge before a person has approved" in github.pulls[0]["body"]
    assert reference.notes


def test_a_label_that_the_token_may_not_make_stops_nothing(github: GitHub) -> None:
    github.trouble("POST .*/labels$", Trouble(403, "Resource not accessible", times=9))
    reference = forge_at(github).open_draft(DRAFT)
    assert 1 == reference.number
    assert "has not the labels automated-fix" in reference.notes[0]


def test_a_server_that_is_away_is_one_sentence(github: GitHub) -> None:
    forge = forge_at(github)
    github.close()
    with pytest.raises(FixError, match="can't be reached"):
        forge.open_draft(DRAFT)


def test_a_wrong_token_is_refused(github: GitHub) -> None:
    with pytest.raises(FixError, match="does not accept the token"):
        forge_at(github, token="another").open_draft(DRAFT)


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://guild.ghe.com", "https://api.guild.ghe.com"),
        ("https://git.example.org/", "https://git.example.org/api/v3"),
    ],
)
def test_an_enterprise_server_has_its_own_address(url: str, api: str) -> None:
    assert api == api_address(url)


def test_the_token_comes_from_the_environment_at_the_moment_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ForgeSettings(kind="github", repository=REPOSITORY)
    for name in ("CRASHFLOW_GITHUB_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(FixError, match="CRASHFLOW_GITHUB_TOKEN"):
        forges.token(settings)
    monkeypatch.setenv("GITHUB_TOKEN", "second")
    assert "second" == forges.token(settings).get_secret_value()
    monkeypatch.setenv("CRASHFLOW_GITHUB_TOKEN", "first")
    assert "first" == forges.token(settings).get_secret_value()
    assert "first" not in repr(forges.token(settings))


def test_git_gets_the_token_for_the_forge_by_https_and_for_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRASHFLOW_GITHUB_TOKEN", "secret-token")
    settings = ForgeSettings(kind="github", repository=REPOSITORY)
    given = forges.push_credentials(settings, "https://github.com/guild/server.git")
    words = given["GIT_CONFIG_VALUE_0"].rpartition(" ")[2]
    assert b"x-access-token:secret-token" == base64.b64decode(words)
    assert "http.https://github.com/.extraheader" == given["GIT_CONFIG_KEY_0"]
    for remote in ("git@github.com:guild/server.git", "https://example.org/x.git", "/srv/x.git", "http://github.com/x"):
        assert {} == forges.push_credentials(settings, remote)
    assert {} == forges.push_credentials(ForgeSettings(), "https://github.com/guild/server.git")


def test_the_doctor_asks_what_the_token_may_do(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ForgeSettings(kind="github", repository=REPOSITORY, url=github.url)
    for name in ("CRASHFLOW_GITHUB_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert ("forge", "missing") == doctor._forge_row(settings)[:2]
    monkeypatch.setenv("CRASHFLOW_GITHUB_TOKEN", TOKEN)
    assert ("forge", "ok") == doctor._forge_row(settings)[:2]
    monkeypatch.setenv("CRASHFLOW_GITHUB_TOKEN", "wrong")
    state, words = doctor._forge_row(settings)[1:]
    assert ("missing", True) == (state, "does not accept the token" in words)
    assert "secret/gh" in doctor._forge_row(settings.model_copy(update={"token_block": "gh"}))[2]
    assert "local" in doctor._forge_row(ForgeSettings())[2]
