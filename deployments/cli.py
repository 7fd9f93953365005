"""The command ``crashflow``. Each command reads the settings, calls one module, and prints what came of it."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from db import settings
from db.settings import CONFIGURATION_VARIABLE, DATABASE_VARIABLE
from deployments import console, defect_commands
from tasks.core.errors import ConfigurationError, CrashflowError, DecisionError, NotFoundError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turns the crashes of a C++ server into reviewed fixes.",
)
patterns_app = typer.Typer(no_args_is_help=True, help="What is known of kinds of defects: the pattern packs.")
app.add_typer(patterns_app, name="patterns")
app.add_typer(defect_commands.app, name="defects")
database_app = typer.Typer(no_args_is_help=True, help="The crash database: address, schema, SQL.")
app.add_typer(database_app, name="db")

INTERRUPTED = 130
"""The exit code of what was ended by Ctrl-C: 128 and the signal's number."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Server = Annotated[str | None, typer.Option(help="The server of crashflow.toml that left the dumps.")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="As the role that can only read.")]


@app.callback()
def choose_configuration(
    config: Annotated[Path | None, typer.Option(help="The crashflow.toml to use, instead of the nearest one.")] = None,
) -> None:
    """Turn the crashes of a C++ server into reviewed fixes."""
    if config is not None:
        if not config.is_file():
            raise ConfigurationError(f"There is no configuration file {config}.")
        os.environ[CONFIGURATION_VARIABLE] = str(config.resolve())


@app.command()
def demo(
    scenario: Annotated[
        list[str] | None,
        typer.Option(help="A crash of the sample server to follow instead (`novel`, or its name); may be given again."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Who answers for novel crashes: `scripted`, a script in the place of Claude.")
    ] = None,
    is_of_patterns: Annotated[
        bool, typer.Option("--all-patterns", help="The crashes of all seven planned patterns, in one table.")
    ] = False,
    is_json: Json = False,
) -> None:
    """Build the sample server, crash it twice, and follow both crashes the whole way."""
    from deployments import walkthrough

    scenarios = (*(walkthrough.PATTERNS if is_of_patterns else ()), *(scenario or ()))
    result = walkthrough.run(settings.load(), scenarios, model)
    if is_json:
        console.raw(json.dumps(result))
    else:
        walkthrough.show(result)
    if not walkthrough.is_success(result):
        raise typer.Exit(1)


@app.command()
def up(port: Annotated[int | None, typer.Option(help="The port of the Prefect server and its UI.")] = None) -> None:
    """Run everything: Postgres, Prefect with its UI, the runner, the watcher. Ctrl-C ends all of it."""
    from deployments import up as installation

    installation.run(settings.load(), port)


@app.command()
def run(dump: Path, server: Server = None, is_json: Json = False) -> None:
    """Follow one dump to its pull request, and wait for it."""
    from deployments import pipeline

    outcome = pipeline.run_dumps(settings.load(), [dump], server)
    pipeline.show(outcome, is_json=is_json)
    if not outcome.is_success:
        raise typer.Exit(1)


@app.command()
def ingest(paths: list[Path], server: Server = None, is_json: Json = False) -> None:
    """Record dumps, read them, and place their crashes. Their fixes wait for `up` or `run`."""
    from deployments import pipeline

    outcome = pipeline.ingest_dumps(settings.load(), paths, server)
    pipeline.show(outcome, is_json=is_json)
    if not outcome.is_read:
        raise typer.Exit(1)


@app.command()
def fix(
    crash: Annotated[
        int | None, typer.Argument(min=1, help="The crash's number; the newest crash without one.")
    ] = None,
    defect: Annotated[int | None, typer.Option(min=1, help="The newest crash of this defect.")] = None,
    is_preview: Annotated[
        bool, typer.Option("--preview", help="Show the patch and what would be run, and change nothing.")
    ] = False,
    is_again: Annotated[
        bool, typer.Option("--again", help="Even though an earlier fix failed or was rejected.")
    ] = False,
    template: Annotated[
        str | None, typer.Option(help="With --preview: the template, instead of the pattern's.")
    ] = None,
    is_json: Json = False,
) -> None:
    """Fix the defect of a crash, and wait until the fix waits for a person; or show what its template would change."""
    from deployments import fixing, pipeline

    if crash is not None and defect is not None:
        raise ConfigurationError("Name a crash or a defect, not both.")
    if template is not None and not is_preview:
        raise ConfigurationError("--template goes with --preview; `crashflow defects template` chooses one for a fix.")
    if is_preview:
        fixing.show_preview(fixing.preview_fix(settings.load(), crash, defect, template), is_json=is_json)
        return
    outcome = fixing.make_fix(settings.load(), crash, defect, is_again=is_again)
    pipeline.show(outcome, is_json=is_json)
    if not outcome.is_success:
        raise typer.Exit(1)


@app.command()
def review(
    fix: Annotated[int, typer.Argument(min=1, help="The number of a fix that waits for a person.")],
    decision: Annotated[str, typer.Argument(help="approve, reject or changes.")],
    comment: Annotated[str, typer.Option(help="Why; needed to reject and to ask for changes.")] = "",
) -> None:
    """Decide on a fix: approve its draft, reject it, or ask for changes, of the commit that is there now."""
    from deployments import reviewing

    reviewing.review(settings.load(), fix, decision, comment)


@app.command("import")
def import_history(
    paths: list[Path],
    server: Server = None,
    is_rehearsal: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be imported, and store nothing.")
    ] = False,
    is_json: Json = False,
) -> None:
    """
    Take over old crashes at their own times: folders of reports and dumps, or the crash_database.json of old scripts.

    They start no fixes. What is known already is passed over.

    Exit code 0: everything was read, 1: something was refused (its line says why), 2: the command itself is wrong.
    """
    from deployments import imports

    result = imports.run(settings.load(), paths, server, is_rehearsal=is_rehearsal)
    imports.show(result, is_rehearsal=is_rehearsal, is_json=is_json)
    if result.files.refused or result.records.refused:
        raise typer.Exit(1)


@app.command()
def watch() -> None:
    """Record every dump that appears in the servers' crash folders, until Ctrl-C. `up` does this too."""
    from deployments import watch as watcher

    watcher.watch(settings.load())


@app.command()
def analyze(
    paths: list[Path],
    binary: Annotated[Path | None, typer.Option(help="The executable that crashed.")] = None,
    symbols: Annotated[list[Path] | None, typer.Option(help="Folder with debug symbols.")] = None,
    is_json: Json = False,
) -> None:
    """
    Say what dumps hold, without a database; folders are walked.

    Exit code 0: every file was read, 1: at least one was not (its line says why), 2: the command itself is wrong.
    """
    from deployments import analyze as analysis
    from tasks.steps.reading import DebuggerSettings

    for path in (*((binary,) if binary else ()), *(symbols or ())):
        if not path.exists():
            raise NotFoundError(f"There is no {path}.")
    debugger = DebuggerSettings(executable=binary, symbols=tuple(symbols or ()))
    if not analysis.analyze(paths, debugger, is_json=is_json):
        raise typer.Exit(1)


@app.command()
def group(paths: list[Path], is_json: Json = False) -> None:
    """
    Say which of many reports are the same defect, without a database; folders are walked.

    Exit code 0: every file was read, 1: at least one was not (standard error says why), 2: the command itself is wrong.
    """
    from deployments import group as grouping

    if not grouping.group(paths, is_json=is_json):
        raise typer.Exit(1)


@app.command("init")
def initialise(
    is_forced: Annotated[bool, typer.Option("--force", help="Write the file anew where it exists.")] = False,
    is_command: Annotated[
        bool,
        typer.Option("--claude-command", help="Write Claude Code's command /analyze-crash into this checkout instead."),
    ] = False,
) -> None:
    """Write a commented crashflow.toml into this folder."""
    from deployments import initialise as initialisation

    if is_command:
        loaded = settings.load()
        queue, timeout_s = loaded.queue_folder, loaded.configuration.analyst.timeout_s
        path = initialisation.write_command(Path.cwd(), queue, timeout_s=timeout_s, is_forced=is_forced)
        console.line(f"{path} is written: /analyze-crash in Claude Code answers what waits in {queue}.")
        return
    path = initialisation.write(Path.cwd(), is_forced=is_forced)
    settings.load(path)
    console.line(f"{path} is written; read it, then start `crashflow up`.")


@app.command()
def report(
    crash: Annotated[
        int | None, typer.Argument(min=1, help="The crash's number; the newest crash without one.")
    ] = None,
    defect: Annotated[int | None, typer.Option(min=1, help="The newest crash of this defect.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write crash-N.md and crash-N.json into this folder.")] = None,
    is_trends: Annotated[bool, typer.Option("--trends", help="What got worse this week, of all crashes.")] = False,
    is_json: Json = False,
) -> None:
    """Show what is known of a crash: what happened, the stack, the logs, similar crashes, and why it is placed so."""
    from deployments import report as reporting

    if is_trends:
        reporting.show_trends(settings.load())
        return

    if crash is not None and defect is not None:
        raise ConfigurationError("Name a crash or a defect, not both.")
    found = reporting.collect(settings.load(), crash, defect)
    if output is None:
        reporting.show(found, is_json=is_json)
        return
    for path in reporting.write(found, output):
        console.line(str(path))


@app.command()
def doctor() -> None:
    """Say what is there, what is missing, and how to get it."""
    from deployments import doctor as examination

    if not examination.examine(settings.load()):
        raise typer.Exit(1)


@patterns_app.command("list")
def list_patterns(is_json: Json = False) -> None:
    """List the patterns that ship and those of your own packs, and what was refused."""
    from deployments import pattern_view

    pattern_view.show_all(settings.load(), is_json=is_json)


@patterns_app.command("show")
def show_pattern(slug: str, is_json: Json = False) -> None:
    """Show one pattern: its expressions, its evidence, and how it matches each of its examples."""
    from deployments import pattern_view

    pattern_view.show_one(settings.load(), slug, is_json=is_json)


@patterns_app.command("lint")
def lint_patterns(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Packs or folders of packs; without, what ships and yours.")
    ] = None,
    with_database: Annotated[
        bool, typer.Option("--imported", help="Compare with the versions that the database holds, too.")
    ] = False,
) -> None:
    """Say what is wrong with patterns, one sentence a fault; exit code 1 where there is one."""
    from deployments import pattern_view

    for path in paths or ():
        if not path.exists():
            raise NotFoundError(f"There is no {path}.")
    if not pattern_view.lint(settings.load(), paths or (), with_database=with_database):
        raise typer.Exit(1)


@database_app.command("url")
def print_url(is_read_only: ReadOnly = False) -> None:
    """Print the database's URL for psql and other programs, starting the embedded Postgres if need be."""
    from deployments import sql

    loaded = settings.load()
    sql.prepare(loaded)
    console.raw(sql.url(loaded, is_read_only=is_read_only))


@database_app.command("upgrade")
def upgrade() -> None:
    """Bring the schema up to date and import the pattern packs."""
    from db import migrate
    from tasks.steps.workspace import open_workspace

    room = open_workspace(settings.load())
    console.line(f"The schema is at {migrate.revision(room.database)}, the pattern packs are imported.")
    for fault in room.pattern_faults:
        console.line(f"Not imported: {fault.sentence}")


@database_app.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def open_psql(context: typer.Context, is_read_only: ReadOnly = False) -> None:
    """Open psql on the crash database; its options follow, such as -c "select * from crash_history"."""
    from deployments import sql

    loaded = settings.load()
    sql.prepare(loaded)
    raise typer.Exit(sql.psql(loaded, context.args, is_read_only=is_read_only))


@database_app.command("stop")
def stop() -> None:
    """Stop the embedded Postgres; the next command starts it again."""
    from db import embedded

    loaded = settings.load()
    if loaded.database_url:
        raise ConfigurationError(f"{DATABASE_VARIABLE} names a server of yours; stop it yourself.")
    embedded.locate(loaded.state_folder).stop()
    console.line("The embedded Postgres is stopped.")


def main() -> None:
    """Run the command line; SIGTERM ends it like Ctrl-C, with all that it has started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        say_errors(app)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # Typer turns a Ctrl-C into it without a word
            console.step("Stopped.")
        raise


def say_errors(program: Callable[[], None]) -> None:
    """Run a program; an error is one sentence, and exit code 2 where what the user typed is wrong."""
    try:
        program()
    except (ConfigurationError, DecisionError, NotFoundError) as error:
        console.step(f"Error: {error}")
        sys.exit(2)
    except CrashflowError as error:
        console.step(f"Error: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        console.step("Stopped.")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
