"""What planning and producing a run need, put together from the parts of the service."""

import asyncio
from collections.abc import Mapping
from datetime import date
from functools import partial

from bot.access import access_of
from bot.bus import Bus
from bot.calibrating import Calibrating
from bot.consistency import Consistency
from bot.darkroom import Darkroom
from bot.drawing import Drawing
from bot.fitting import Fitting
from bot.seeing import Seeing
from bot.webhooks import Webhooks
from config import settings as configuration
from config.cards import prepared
from config.records import Settings
from domain.draft import Writing
from domain.errors import NotFoundError
from domain.look import Lookalike
from domain.model import ModelCard
from domain.ports import (
    Chance,
    Clock,
    Pixels,
    Writer,
)
from domain.run import Run
from domain.seen import Seen
from pipeline.assets import asset_faults, no_faults
from pipeline.circuit import Circuit
from pipeline.pace import Pace
from pipeline.produce import Floor, Office
from pipeline.route import Routes
from pipeline.score import Scored, score
from pipeline.seen import lettering_wanted, safety_wanted
from pipeline.workshop import Workshop
from providers.catalogue import Catalogue, open_catalogue
from scoring.colour import delta_e
from scoring.pixels import VERSION
from storage.artifacts import LocalArtifacts
from storage.attempts import AttemptLog
from storage.jobs import DurableSteps
from storage.lookalikes import Lookalikes
from storage.run_log import RunLog


def open_cards(settings: Settings, pixels: Pixels, today: date) -> Catalogue:
    """Open the catalogue with the keys that are set."""
    cards = prepared(configuration.model_cards(settings.own_models), settings.preprocessors)
    return open_catalogue(cards, access_of(settings), pixels, today=today)


def office_of(
    settings: Settings,
    chance: Chance,
    catalogue: Catalogue,
    known: Mapping[str, ModelCard],
    writing: Writing,
) -> Office:
    """Return what planning a run needs to know."""
    return Office(
        chance=chance,
        on=catalogue.on_cards(),
        known=known,
        routes=Routes.model_validate(configuration.routes(settings.routes)),
        confirm_above_usd=settings.limits.confirm_above_usd,
        targets=settings.targets,
        writing=writing,
        mandatory=settings.checklist.mandatory,
    )


def workshop_of(
    settings: Settings,
    *,
    log: RunLog,
    attempts: AttemptLog,
    artifacts: LocalArtifacts,
    darkroom: Darkroom,
    clock: Clock,
    catalogue: Catalogue,
    bus: Bus,
    webhooks: Webhooks,
) -> Workshop:
    """Return what making images needs."""
    known = {entry.card.id: entry.card for entry in catalogue.entries}
    gates: dict[str, asyncio.Semaphore] = {}

    def card_of(model: str) -> ModelCard:
        if model not in known:
            raise NotFoundError(f"model {model} is not in config/models.toml any more")
        return known[model]

    usual, allowed = settings.concurrency.per_provider, settings.concurrency.at_once

    def gate_of(card: ModelCard) -> asyncio.Semaphore:
        fresh = asyncio.Semaphore(catalogue.at_once(card, allowed.get(card.provider, usual)))
        return gates.setdefault(card.provider, fresh)

    return Workshop(
        log=log,
        attempts=attempts,
        artifacts=artifacts,
        look=darkroom.look,
        prepare=darkroom.prepare,
        clock=clock,
        card_of=card_of,
        provider_of=catalogue.provider,
        circuit=Circuit(clock),
        pace=Pace(clock, settings.concurrency.per_minute),
        gate_of=gate_of,
        cancelled=bus.cancelled,
        webhook_url=webhooks.url_for,
        wait=webhooks.wait,
        progressed=bus.progressed,
        previewed=bus.previewed,
        warming=bus.warming,
    )


def floor_of(
    settings: Settings,
    shop: Workshop,
    darkroom: Darkroom,
    drawing: Drawing,
    fitting: Fitting,
    *,
    seeing: Seeing,
    calibrating: Calibrating,
    lookalikes: Lookalikes,
    writer: Writer,
) -> Floor:
    """Return what producing a run needs."""
    consistency = Consistency(fitting, shop.artifacts)

    async def alike(run: Run, hashes: Mapping[int, str]) -> dict[int, Lookalike]:
        return await lookalikes.nearest(run.root, hashes)

    async def score_run(run: Run) -> Scored:
        target = settings.targets.get(run.spec.target or "")
        policy = settings.scoring.policy(run.route.task, run.spec.target or "")
        lettering = lettering_wanted(run, target)
        safety = safety_wanted(run, target, policy.extras)

        async def sees(run: Run) -> dict[int, Seen]:
            sure = policy.extras.lettering_sure
            return await seeing.seen(run, lettering, sure=sure, safety=safety)

        scored = await score(
            run,
            measure=darkroom.measured,
            policy=policy,
            version=VERSION,
            fits=fitting.fitted,
            calibrated=calibrating.for_triage,
            alike=alike if target else None,
            sees=sees if lettering or safety else None,
            lettering=lettering,
            lacks=partial(asset_faults, target=target, difference=delta_e) if target else no_faults,
        )
        return await consistency.added(run, scored)

    return Floor(
        steps=DurableSteps(),
        shop=shop,
        score=score_run,
        draw_grid=drawing.draw,
        draw_sheet=drawing.sheet,
        writer=writer,
    )
