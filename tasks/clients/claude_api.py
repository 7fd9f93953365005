"""
The door to Claude's API: one conversation through the SDK's tool runner, told message by message to whoever keeps it.

The conversation's state is the list of its messages, so a run that was killed goes on from the last one that was kept,
and no reply is paid twice. Nothing here can write, start a program, or reach another address than the API's and that of
the allowed MCP servers.
"""

import asyncio
import contextlib
import time
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import anthropic
from anthropic import AsyncAnthropic
from anthropic.lib.tools import ToolError, agent_toolset, beta_async_tool
from pydantic import SecretStr

from tasks.clients.conversation import Keeper, Message, Room, Step, Tool
from tasks.core.configuration import AnalystSettings
from tasks.core.errors import AnalystAwayError, AnalystError, AnswerError, BudgetError
from tasks.core.redaction import redact
from tasks.core.spending import Usage

RETRIES = 4
"""How often the SDK repeats a call that was limited, overloaded or cut off, with its own growing waits."""
RESTARTS = 2
"""How often a conversation goes on after a stream that broke off within a reply."""
RESULT_LIMIT = 60_000
"""Characters of one tool's result that the model gets."""


class _CutError(Exception):
    """A stream ended within a reply: the SDK takes what came for the whole of it."""


def converse(
    settings: AnalystSettings, key: SecretStr, rules: str, messages: Sequence[Message], room: Room, keeper: Keeper
) -> str:
    """
    Let the model go on with a conversation until its answer; return the text of that.

    Raises:
        BudgetError: the keeper refuses the next call.
        AnswerError: the answer was cut off.
        AnalystAwayError: the API stays away, or asks for more patience than there is.
        AnalystError: the API or the model refuses.
    """
    return asyncio.run(_converse(settings, key, rules, list(messages), room, keeper))


def answer_schema(model: type[Any]) -> Mapping[str, Any]:
    """Return the JSON schema of an answer as structured output takes it."""
    return anthropic.transform_schema(model)


async def _converse(
    settings: AnalystSettings, key: SecretStr, rules: str, messages: list[Message], room: Room, keeper: Keeper
) -> str:
    client = AsyncAnthropic(
        api_key=key.get_secret_value(),
        base_url=settings.base_url,
        timeout=float(settings.timeout_s),
        max_retries=RETRIES,
    )
    async with client, _with_servers(settings, room) as equipped:
        for restart in range(RESTARTS + 1):
            try:
                return await _run(client, settings, rules, messages, equipped, keeper)
            except (anthropic.APIConnectionError, anthropic.APIResponseValidationError, _CutError) as error:
                if restart == RESTARTS:
                    raise AnalystAwayError(
                        f"Claude's API broke off {RESTARTS + 1} times ({_name(error)}); try again later."
                    ) from error
            except anthropic.APIStatusError as error:
                is_passing = error.status_code == 429 or error.status_code >= 500
                kind = AnalystAwayError if is_passing else AnalystError
                raise kind(_explain(error, settings)) from error
    raise AssertionError  # the last restart returns or raises


@contextlib.asynccontextmanager
async def _with_servers(settings: AnalystSettings, room: Room) -> AsyncIterator[Room]:
    """Add the tools of the configured MCP servers for the block."""
    if not settings.mcp:
        yield room
        return
    from tasks.clients import mcp_servers  # noqa: PLC0415  it takes a second, and few have any

    notes: list[str] = []
    async with mcp_servers.opened(settings.mcp, room.tree, notes) as tools:
        for note in notes:
            print(note)  # noqa: T201  Prefect logs it
        yield replace(room, tools=(*room.tools, *tools))


async def _run(
    client: AsyncAnthropic, settings: AnalystSettings, rules: str, messages: list[Message], room: Room, keeper: Keeper
) -> str:
    form = {"format": {"type": "json_schema", "schema": dict(room.schema)}} if room.schema else anthropic.omit
    tools = _tools(room)
    if messages[-1]["role"] == "assistant":
        # A run that was killed while its tools worked: they only read, so they work once more.
        _keep_results(messages, keeper, await _results(tools, messages[-1]))
    _check(keeper)
    runner = client.beta.messages.tool_runner(  # type: ignore[call-overload]  # messages are the API's own JSON
        model=settings.model,
        max_tokens=settings.answer_tokens,
        system=[{"type": "text", "text": rules, "cache_control": {"type": "ephemeral"}}],
        messages=messages,
        tools=tools,
        output_config=form,
        cache_control={"type": "ephemeral"},
        stream=True,
        thread=False,
    )
    started = time.monotonic()
    last: Any = None
    async for stream in runner:
        reply = await stream.get_final_message()
        if reply.stop_reason is None:
            raise _CutError
        content = [block.model_dump(mode="json", exclude_none=True) for block in reply.content]
        message: Message = {"role": "assistant", "content": [_sendable(block) for block in content]}
        keeper.keep(
            Step(
                kind="reply",
                message=message,
                model=reply.model,
                stop_reason=reply.stop_reason,
                usage=_usage(reply.usage),
                seconds=round(time.monotonic() - started, 3),
            )
        )
        messages.append(message)
        if reply.stop_reason == "tool_use":
            with warnings.catch_warnings():
                # The SDK warns of tools that are not there, and tells the model so as well.
                warnings.simplefilter("ignore", UserWarning)
                results = await runner.generate_tool_call_response()
            if results is not None:
                _keep_results(messages, keeper, results["content"])
            if (reason := keeper.refusal()) is not None:
                await runner.close()
                raise _refused(reason)
            started = time.monotonic()
        else:
            last = reply
    if last is not None:
        return _answer(last)
    raise AnalystAwayError("Claude's API ended the conversation without an answer; try again later.")


async def _results(tools: Sequence[Any], reply: Message) -> list[dict[str, Any]]:
    by_name = {tool.name: tool for tool in tools}
    told = []
    for block in reply["content"]:
        if block["type"] != "tool_use":
            continue
        result: dict[str, Any] = {"type": "tool_result", "tool_use_id": block["id"]}
        try:
            result["content"] = await by_name[block["name"]].call(block["input"])
        except (KeyError, ToolError) as error:
            result |= {"content": f"It could not be answered: {error}", "is_error": True}
        told.append(result)
    return told


def _keep_results(messages: list[Message], keeper: Keeper, content: Any) -> None:
    told: Message = {"role": "user", "content": content}
    keeper.keep(Step(kind="results", message=told))
    messages.append(told)


def _check(keeper: Keeper) -> None:
    if (reason := keeper.refusal()) is not None:
        raise _refused(reason)


def _refused(reason: str) -> BudgetError:
    return BudgetError(f"No other call is made: {reason}.")


def _answer(reply: Any) -> str:
    if reply.stop_reason == "refusal":
        raise AnalystError("The model refuses to answer this question; a person has to look at it.")
    if reply.stop_reason in ("max_tokens", "model_context_window_exceeded"):
        raise AnswerError(f"The answer was cut off ({reply.stop_reason}): answer in fewer words.")
    return "\n".join(block.text for block in reply.content if block.type == "text")


def _tools(room: Room) -> list[Any]:
    """The SDK's own readers, confined to the tree by it, and ours; no tool here writes or starts anything."""
    context = agent_toolset.AgentToolContext(workdir=room.tree)
    readers = [
        agent_toolset.beta_read_tool(context),
        agent_toolset.beta_glob_tool(context),
        agent_toolset.beta_grep_tool(context),
    ]
    return [*readers, *(_own(tool) for tool in room.tools)]


def _own(tool: Tool) -> Any:
    async def call(**arguments: Any) -> str:
        return redact(await tool.call(arguments))[:RESULT_LIMIT]

    return beta_async_tool(call, name=tool.name, description=tool.description, input_schema=dict(tool.schema))


def _sendable(block: Mapping[str, Any]) -> dict[str, Any]:
    """A block as it may be sent back: what only the SDK adds to a parsed one is left out."""
    return {key: value for key, value in block.items() if key != "parsed_output"}


def _usage(usage: Any) -> Usage:
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_input_tokens or 0,
        cache_write_tokens=usage.cache_creation_input_tokens or 0,
    )


def _explain(error: anthropic.APIStatusError, settings: AnalystSettings) -> str:
    said = redact(str(error.message))[:300].rstrip(".")
    place = f"the Prefect block secret/{settings.key_block}" if settings.key_block else "CRASHFLOW_ANTHROPIC_API_KEY"
    sentences = {
        401: f"Claude's API does not accept the key ({said}): put a valid one into {place}.",
        403: f"The key may not use {settings.model} ({said}): give it that right, or name another under [analyst].",
        404: f"Claude's API knows no model {settings.model} ({said}): name another under [analyst].",
        413: f"The question is too long for Claude's API ({said}).",
        429: f"Claude's API limits how often it may be asked ({said}); try again later.",
        529: f"Claude's API is overloaded ({said}); try again later.",
    }
    if error.status_code in sentences:
        return sentences[error.status_code]
    if error.status_code >= 500:
        return f"Claude's API has an error of its own ({error.status_code}: {said}); try again later."
    return f"Claude's API refuses the question ({error.status_code}: {said})."


def _name(error: Exception) -> str:
    return type(error.__cause__ or error).__name__
