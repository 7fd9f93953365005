"""
The door to MCP servers: programs, or addresses, each with the tools that the configuration allows.

What they return is told to the model as evidence, cut to a length. A server that does not start, dies or stays silent
costs its tools, not the analysis.
"""

import contextlib
import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from anthropic.lib.tools import ToolError
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

from tasks.clients.conversation import Tool
from tasks.core.configuration import McpSettings
from tasks.core.redaction import redact

START_S = 60.0
DESCRIPTION_LIMIT = 2000

_NOT_NAME = re.compile(r"[^a-zA-Z0-9_-]")


@contextlib.asynccontextmanager
async def opened(servers: Sequence[McpSettings], tree: Path, notes: list[str]) -> AsyncIterator[list[Tool]]:
    """
    Give the allowed tools of all servers for the block; programs start in ``tree``.

    What could not be had is added to ``notes``, a sentence each.
    """
    found: list[Tool] = []
    async with contextlib.AsyncExitStack() as stack:
        for server in servers:
            try:
                async with contextlib.AsyncExitStack() as own:
                    tools = await _tools_of(server, tree, own, notes)
                    # From here on it is closed with the others.
                    stack.push_async_exit(own.pop_all())
                found += tools
            except Exception as error:  # noqa: BLE001  whatever a stranger's program does
                notes.append(f"The MCP server {server.name} can't be asked: {_said(error)}.")
        yield found


async def _tools_of(server: McpSettings, tree: Path, stack: contextlib.AsyncExitStack, notes: list[str]) -> list[Tool]:
    session = await _connect(server, tree, stack)
    # A limit of time may not enclose the entering of what outlives it.
    with anyio.fail_after(START_S):
        await session.initialize()
        listed = (await session.list_tools()).tools
    known = {tool.name: tool for tool in listed}
    missing = [name for name in server.tools if name not in known]
    if missing:
        notes.append(f"The MCP server {server.name} has no tool {', '.join(missing)}.")
    return [_tool(server, session, known[name]) for name in server.tools if name in known]


async def _connect(server: McpSettings, tree: Path, stack: contextlib.AsyncExitStack) -> ClientSession:
    if server.url is not None:
        streams = await stack.enter_async_context(streamable_http_client(server.url))
    else:
        environment = {name: os.environ[name] for name in server.environment if name in os.environ}
        program, *arguments = server.command
        parameters = StdioServerParameters(command=program, args=arguments, env=environment, cwd=tree)
        errors = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        streams = await stack.enter_async_context(stdio_client(parameters, errlog=errors))
    return await stack.enter_async_context(ClientSession(streams[0], streams[1]))


def _tool(server: McpSettings, session: ClientSession, tool: Any) -> Tool:
    async def call(arguments: Mapping[str, Any]) -> str:
        try:
            result = await session.call_tool(tool.name, dict(arguments), read_timeout_seconds=float(server.timeout_s))
        except Exception as error:
            raise ToolError(f"The MCP server {server.name} did not answer: {_said(error)}") from error
        text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        if result.is_error:
            raise ToolError(text[:DESCRIPTION_LIMIT] or "It failed.")
        return text

    return Tool(
        name=_NOT_NAME.sub("_", f"{server.name}_{tool.name}")[:64],
        description=(tool.description or "")[:DESCRIPTION_LIMIT],
        schema=tool.input_schema,
        call=call,
    )


def _said(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    words = " ".join(redact(str(error)).split())[:200].rstrip(".")
    return f"{type(error).__name__}{f': {words}' if words else ''}"
