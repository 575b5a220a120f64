"""A run that writes prompts becomes a card: the brief, and what to choose from."""

from domain.card import Alternative, Button, Card, Words
from domain.draft import RULES, Draft
from domain.run import Run
from domain.spec import SEGMENTS
from pipeline.around import Around
from pipeline.buttons import retry_button
from pipeline.present import SAID, error_of, timed


def present_text(run: Run, around: Around) -> Card:
    """Make the card of a run of kind ``text``."""
    drafts = enumerate(run.drafts, 1)
    return Card(
        run_id=run.id,
        root_id=run.root,
        ref=run.ref,
        revision=run.revision,
        state=run.state,
        by=run.person.name,
        at=run.created_at,
        words=(Words(segment="subject", text=run.parameters.prompt),),
        title="From a brief",
        facts=_facts(run),
        status=_status(run, around),
        warnings=tuple(notice.text for notice in run.warnings),
        alternatives=tuple(_alternative(number, draft) for number, draft in drafts),
        buttons=() if run.taken_down_by else _buttons(run),
        error=error_of(run),
        hint=run.error.hint if run.error else "",
        taken_down=run.taken_down_by or "",
    )


def _alternative(number: int, draft: Draft) -> Alternative:
    segments = draft.segments
    words = tuple(
        Words(segment=name, text=segments[name].text) for name in SEGMENTS if segments[name]
    )
    return Alternative(number=number, title=draft.title, words=words)


def _facts(run: Run) -> tuple[str, ...]:
    writer = "split by rules" if run.route.model == RULES else run.route.model.partition(":")[2]
    usd = run.quote.usd if run.cost_usd is None else run.cost_usd
    price = f"${usd:.4f}" if usd else "free"
    return (writer, price if run.cost_usd is not None or not usd else f"up to {price}", *timed(run))


def _status(run: Run, around: Around) -> str:
    by = run.cancel_requested_by
    match run.state:
        case "queued":
            return f"Waiting, {around.ahead} before it" if around.ahead else "Waiting to start"
        case "running":
            return f"Stopping, asked by {by}" if by else "Writing prompts"
        case "cancelled":
            return f"Cancelled by {by}"
        case "failed":
            return "No prompts"
        case "done":
            return "Choose one" if len(run.drafts) > 1 else ""
        case _:
            return SAID[run.state]


def _buttons(run: Run) -> tuple[Button, ...]:
    here = f"--in {run.id}"
    if not run.ended:
        return (Button(label="Cancel", line=f"cancel {here}"),)
    use = [
        Button(label=f"Use {number}", line=f"use {number} {here}")
        for number in range(1, len(run.drafts) + 1)
    ]
    again = [] if run.drafts else [retry_button(run, here)]
    return (*use, *again)
