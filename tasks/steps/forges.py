"""
The forge of an installation, and the token that it needs. Only the run that publishes asks for either.

The token is read at the moment of use, from the environment or a Prefect Secret block, and kept nowhere.
"""

import base64
import os
from urllib.parse import urlsplit

from prefect.blocks.system import Secret
from pydantic import SecretStr

from tasks.clients.forge import TOKEN_VARIABLES, Forge
from tasks.clients.local_forge import LocalForge
from tasks.core.configuration import ForgeSettings
from tasks.core.errors import FixError
from tasks.steps.workspace import Workspace


def forge_of(room: Workspace) -> Forge:
    """
    Return the forge that the configuration names.

    Raises:
        FixError: it needs a token and none is there.
    """
    settings = room.settings.configuration.forge
    if settings.kind == "local":
        return LocalForge(room.settings.forge_folder)
    from tasks.clients.github_forge import GitHubForge  # noqa: PLC0415  PyGithub is for who uses it

    return GitHubForge(settings, token(settings))


def token(settings: ForgeSettings) -> SecretStr:
    """
    Read GitHub's token.

    Raises:
        FixError: it is not where the configuration says; the text says where that is.
    """
    if settings.token_block:
        try:
            block = Secret.load(settings.token_block)
        except ValueError as error:
            raise FixError(
                f"There is no Prefect block secret/{settings.token_block}; make one with the token in the UI,"
                " under Blocks."
            ) from error
        found = str(block.get())  # type: ignore[union-attr]  # outside of an event loop a plain call
    else:
        found = next((value for name in TOKEN_VARIABLES if (value := os.environ.get(name, "").strip())), "")
    if not found:
        raise FixError(
            f"GitHub needs a token: put one that may write contents and pull requests of {settings.repository} into"
            f" {TOKEN_VARIABLES[0]}, or name a Prefect Secret block as token_block under [forge]."
        )
    return SecretStr(found)


def push_credentials(settings: ForgeSettings, remote_url: str) -> dict[str, str]:
    """
    Return the variables by which git pushes with the token: none, unless the remote is the forge by https.

    An ssh remote has its own key, and a token goes to no other host. In variables and not in the command, where every
    account could read it.
    """
    remote, forge = urlsplit(remote_url), urlsplit(settings.url)
    if settings.kind == "local" or remote.scheme != "https" or remote.hostname != forge.hostname:
        return {}
    words = base64.b64encode(f"x-access-token:{token(settings).get_secret_value()}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.https://{remote.netloc}/.extraheader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {words}",
    }
