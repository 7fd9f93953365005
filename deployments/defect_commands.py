"""The commands ``crashflow defects``: what is known of defects, and what people decide about them."""

from pathlib import Path
from typing import Annotated

import typer

from db import settings

app = typer.Typer(no_args_is_help=True, help="The defects: what is known of them, and what people decide.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DefectNumber = Annotated[int, typer.Argument(min=1, help="The defect's number.")]
Comment = Annotated[str | None, typer.Option(help="Why; it is kept with the decision.")]


@app.command("list")
def list_defects(
    state: Annotated[str | None, typer.Option(help="Only open, fixing, verified, regressed or silenced ones.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    is_json: Json = False,
) -> None:
    """List the defects, those that crashed last first."""
    from deployments import defect_view

    defect_view.show_all(settings.load(), state=state, limit=limit, is_json=is_json)


@app.command("show")
def show_defect(defect: DefectNumber, is_json: Json = False) -> None:
    """Show one defect: by what it is known, its newest crashes, its neighbours, what people decided."""
    from deployments import defect_view

    defect_view.show_one(settings.load(), defect, is_json=is_json)


@app.command("merge")
def merge_defects(defect: DefectNumber, into: DefectNumber, comment: Comment = None) -> None:
    """Make one defect of two: the crashes of the first go to the second, also those to come."""
    from deployments import defect_decisions

    defect_decisions.merge(settings.load(), defect, into, comment)


@app.command("split")
def split_defect(
    defect: DefectNumber,
    crashes: Annotated[list[int], typer.Argument(min=1, help="The crashes that are another defect.")],
    comment: Comment = None,
) -> None:
    """Make a defect of its own of some crashes; no newer rule puts them back."""
    from deployments import defect_decisions

    defect_decisions.split(settings.load(), defect, crashes, comment)


@app.command("rename")
def rename_defect(
    defect: DefectNumber,
    title: Annotated[str | None, typer.Argument(help="The title; without one the signature is shown again.")] = None,
    comment: Comment = None,
) -> None:
    """Give a defect a title of your own."""
    from deployments import defect_decisions

    defect_decisions.rename(settings.load(), defect, title, comment)


@app.command("template")
def choose_template(
    defect: DefectNumber,
    template: Annotated[str | None, typer.Argument(help="The template; without one the pattern decides again.")] = None,
    comment: Comment = None,
) -> None:
    """Choose the template that repairs a defect."""
    from deployments import defect_decisions

    defect_decisions.choose_template(settings.load(), defect, template, comment)


@app.command("silence")
def silence_defect(
    defect: DefectNumber,
    is_undone: Annotated[bool, typer.Option("--undo", help="Open it again.")] = False,
    comment: Comment = None,
) -> None:
    """Let a defect get no more fixes; its crashes are counted all the same."""
    from deployments import defect_decisions

    defect_decisions.silence(settings.load(), defect, comment, is_undone=is_undone)


@app.command("promote")
def promote_defect(
    defect: DefectNumber,
    output: Annotated[Path | None, typer.Option(help="The pack to write, instead of standard output.")] = None,
    template: Annotated[str | None, typer.Option(help="The template that repairs such defects.")] = None,
) -> None:
    """Draft a pattern from a defect, for a person to complete."""
    from deployments import defect_decisions

    defect_decisions.promote(settings.load(), defect, output, template)
