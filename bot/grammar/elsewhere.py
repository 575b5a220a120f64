"""Flags that people know from Midjourney and that mean nothing here yet: refused by name."""

from typing import Final

from bot.grammar.flag import Flag, later

ELSEWHERE: Final[tuple[Flag, ...]] = (
    later("--stylize", "0-1000", "Midjourney's own taste", "--s"),
    later("--chaos", "0-100", "spread inside the grid", "--c"),
    later("--weird", "0-3000", "Midjourney's strangeness; never the width (see --ar)", "--w"),
    later("--iw", "0-3", "weight of an image prompt"),
    later("--sref", "URL|CODE|random", "style reference"),
    later("--sw", "0-1000", "weight of the style reference"),
    later("--sv", "1-6", "version of the style reference"),
    later("--cref", "URL", "character reference"),
    later("--cw", "0-100", "weight of the character reference"),
    later("--oref", "URL", "omni reference"),
    later("--ow", "1-1000", "weight of the omni reference"),
    later("--quality", ".25-4", "how much work goes into the first grid", "--q"),
    later("--stop", "10-100", "stop early, in percent"),
    later("--repeat", "1-40", "the same line several times", "--r"),
    later("--tile", "", "a pattern that repeats without a seam"),
    later("--raw", "", "less of the model's own taste"),
    later("--style", "NAME", "Midjourney's style; the style segment is style=…"),
    later("--fast", "", "the fast lane"),
    later("--relax", "", "the cheap lane"),
    later("--turbo", "", "the fastest lane"),
    later("--draft", "", "the cheapest route"),
    later("--stealth", "", "keep the result private"),
    later("--public", "", "show the result to all"),
    later("--version", "N", "version of Midjourney, for the hand-off", "--v"),
    later("--niji", "N", "Midjourney's drawn model, for the hand-off"),
    later("--profile", "CODE", "a personal profile, for the hand-off", "--p"),
)
