"""House styles and characters on a card: what was applied, and how like it the images are."""

from domain.run import Run


def applied(run: Run) -> list[str]:
    """Return a fact for each bundle of a run: ``character mara@2, consistency 0.81 to 0.93``."""
    kinds = (("house", run.spec.house), ("character", run.spec.character))
    return [
        f"{kind} {use.name}@{use.version}{_consistency(run, f'consistency_{kind}')}"
        for kind, use in kinds
        if use is not None
    ]


def _consistency(run: Run, name: str) -> str:
    found = [made.scores[name] for made in run.artworks if name in made.scores]
    if not found:
        scored = run.artworks and all(made.verdict for made in run.artworks)
        return ", consistency not measured" if scored else ""
    low, high = min(found), max(found)
    return f", consistency {low:.2f}" + (f" to {high:.2f}" if high - low >= 0.005 else "")  # noqa: PLR2004  as it is written
