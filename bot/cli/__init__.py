"""The command line: every command with ``--json``, alone or beside a running service."""

import typer

from bot.cli import (
    asking,
    calibrating,
    comparing,
    housing,
    keeping,
    making,
    manifesting,
    selftesting,
    serving,
    telling,
    templating,
    unbuilt,
    weights,
)

application = typer.Typer(
    name="ai-handler",
    help="Make AI images together, with a log that the team owns.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
FREE = {"allow_extra_args": True, "ignore_unknown_options": True}
"""For commands that take a line of the grammar, whose flags are not typer's."""

application.command(name="run")(serving.run)
application.command(name="imagine", context_settings=FREE)(making.imagine)
application.command(name="say", context_settings=FREE)(making.say)
application.command(name="runs")(asking.runs)
application.command(name="show")(asking.show)
application.command(name="compare")(comparing.compare)
application.command(name="ranking")(comparing.ranking)
application.command(name="disagreements")(comparing.disagreements)
application.command(name="history")(telling.history)
application.command(name="checklist")(telling.checklist)
application.command(name="templates", context_settings=FREE)(templating.templates)
application.command(name="export")(making.export)
application.command(name="score")(asking.score)
application.command(name="triage")(calibrating.triage)
application.command(name="calibrate")(calibrating.calibrate)
application.command(name="loras", context_settings=FREE)(housing.loras)
application.command(name="houses", context_settings=FREE)(housing.houses)
application.command(name="characters", context_settings=FREE)(housing.characters)
application.command(name="models")(asking.models)
application.command(name="routes")(asking.routes)
application.command(name="doctor")(serving.doctor)
application.command(name="migrate")(serving.migrate)
application.command(name="slack-manifest")(manifesting.slack_manifest)
application.command(name="backup")(keeping.backup)
application.command(name="restore")(keeping.restore)
application.command(name="selftest")(selftesting.selftest)
application.add_typer(weights.application, name="weights")
unbuilt.refuse_all(application)
