"""Commands of every kind with ugly text, and seeded soup of tokens, for the properties."""

import random
from typing import Any, Final

from hypothesis import strategies as st

from domain import bundle as b
from domain import command as c
from domain import questions as q
from domain import template as t
from domain.asked import ControlAsked, ReferenceAsked
from domain.flags import Flags
from domain.spec import (
    CONTROL_KINDS,
    DIMENSIONS,
    SEGMENTS,
    TASKS,
    LoRA,
    Margins,
    Segment,
    Segments,
)

UGLY: Final = (
    *("::", "::2", "::-.5", ":::", ":", "--", "—", "–", "-", "--ar", "—seed", "-- ar", "--ar=3:2"),
    *(
        '"',
        '"a',
        'b"',
        '"a b"',
        '""',
        '"::"',
        '5"',
        "\\",
        "\\\\",
        '\\"',
        "\\::",
        "“x”",
        "“a :: b”",
        "“",
        "”",
        '“a " b”',
        "’",
        "'",
    ),
    *("{", "}", "{a, b}", "\\{", "=", "\\=", "style=", "style=x", ":style=", "Style: x", "style:"),
    *("more", "less", "More x", "+", "- x", "+x", "-x", "-2", "#2", "2", "2 x", "r2", "imagine"),
    *("/imagine", "help", "pick 2", "export", "no", "without", "--in r1", "--all", "a,b", ","),
    *(
        "é",
        "日本語",
        "👩‍👩‍👧",
        "\u017ftyle=",
        "Kelvin",
        "text",
        "t-shirt",
        "https://a-b.com/x.png?style=1",
    ),
)
SOUP: Final = (
    *UGLY,
    *("/help", "edit", "branch", "reroll", "again", "pick", "rate", "up", "approve", "reject"),
    *("compare", "cancel", "retry", "seed", "details", "baseline", "unfavourite", "star", "show"),
    *("upscale", "find", "--count", "--count 9", "--seed keep", "--steps 1e9", "--cfg 0.5", "--no"),
    *("--brief", "--strength .4", "--max-cost $2", "--dry-run", "--in r3", "--in", "--baseline r9"),
    *("--init", "--w 3", "--foo", "--task ui", "--model a:b", "\n", "\n", "subject=", "negative:"),
    *("\u200b", "\u202e", "\x00", "\u00a0", "\ud800", "\u3000", "9" * 400, "--seed " + "9" * 5000),
    *("--control canny:a.png", "--control pose-map:b.png@0.5@0-1", "--lora x@2", "--ref a:style"),
    *("--format webp", "--background", "extend", "cutout", "--left 9", "--up -1", "@", "@0.5"),
    *("--ar 1920:1280", "--ar 1.39:1", "--target web", "--mask m.png", "style: + fog", "a red fox"),
)


def normal(text: str) -> str:
    """The form in which the grammar keeps text."""
    return " ".join(text.split())


_LETTERS: Final = st.characters(
    exclude_categories=("Cc", "Cs"),
    exclude_characters="\u200b\u2060\ufeff\u2028\u2029" + "\u202a\u202b\u202c\u202d\u202e"
    "\u2066\u2067\u2068\u2069",
)
_FRAGMENTS: Final = st.one_of(
    st.sampled_from(UGLY),
    st.text(alphabet='\\":-—{}= ,+x2“”', max_size=6),
    st.text(_LETTERS, max_size=5),
)
texts: Final = st.builds(
    lambda parts, gap: normal(gap.join(parts)),
    st.lists(_FRAGMENTS, max_size=4),
    st.sampled_from(("", " ")),
)
said: Final = texts.filter(bool)
reasons: Final = st.one_of(
    texts, st.builds(lambda number, text: normal(f"{number} {text}"), st.integers(-9, 9), texts)
)
words: Final = said.filter(lambda text: "," not in text)
models: Final = words.filter(lambda text: " " not in text)
weights: Final = st.one_of(
    st.just(1.0), st.sampled_from((2.0, 0.5, -0.5, 0.0)), st.floats(min_value=-10, max_value=10)
)
numbers: Final = st.integers(1, 8)
runs: Final = st.one_of(
    st.none(),
    st.integers(1, 999_999).map(lambda n: f"r{n}"),
    st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26),
)
ratios: Final = st.sampled_from(("1:1", "3:2", "16:9", "139:100", "99999:99998"))
seeds: Final = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from(("keep", "random")))


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


images: Final = said.filter(lambda text: "@" not in text)
controls: Final = st.builds(
    ControlAsked,
    kind=st.sampled_from(CONTROL_KINDS),
    is_map=st.booleans(),
    image=images,
    weight=_maybe(st.floats(0, 4)),
    start=st.floats(0, 1),
    end=st.floats(0, 1),
)
references: Final = st.builds(
    ReferenceAsked,
    image=images,
    dimension=st.sampled_from(DIMENSIONS),
    weight=_maybe(st.floats(0, 1)),
)
loras: Final = st.builds(
    LoRA,
    name=st.from_regex(r"[a-z0-9./:_-]{1,12}", fullmatch=True),
    weight=_maybe(st.floats(-4, 4)),
)
flags: Final = st.builds(
    Flags,
    task=_maybe(st.sampled_from(TASKS)),
    models=st.lists(models, max_size=3, unique=True).map(tuple),
    count=_maybe(numbers),
    seed=_maybe(seeds),
    aspect_ratio=_maybe(ratios),
    steps=_maybe(st.integers(1, 150)),
    cfg_scale=_maybe(st.floats(0, 50)),
    no=st.lists(said, max_size=3).map(tuple),
    init_image=_maybe(said),
    mask=_maybe(said),
    denoising_strength=_maybe(st.floats(0, 1)),
    controls=st.lists(controls, max_size=2).map(tuple),
    references=st.lists(references, max_size=2).map(tuple),
    loras=st.lists(loras, max_size=2).map(tuple),
    house=_maybe(st.sampled_from(("noir", "ink_2@3"))),
    character=_maybe(st.sampled_from(("mara", "9-lives@12"))),
    file_format=_maybe(st.sampled_from(("png", "jpeg", "webp"))),
    background=_maybe(st.sampled_from(("opaque", "transparent"))),
    brief=_maybe(said),
    baseline=runs,
    target=_maybe(said),
    max_cost_usd=_maybe(st.floats(min_value=0, allow_nan=False, allow_infinity=False)),
    dry_run=st.booleans(),
)
segment: Final = st.builds(Segment, text=texts, weight=weights)
segments: Final = st.builds(Segments, **dict.fromkeys(SEGMENTS, segment))
edit: Final = st.one_of(
    st.builds(
        c.SegmentEdit,
        segment=st.sampled_from(SEGMENTS),
        action=st.just("replace"),
        text=texts,
        weight=_maybe(weights),
    ),
    st.builds(
        c.SegmentEdit,
        segment=st.sampled_from(SEGMENTS),
        action=st.sampled_from(("append", "remove", "more", "less")),
        text=said,
        weight=st.none(),
    ),
)
edits: Final = st.lists(edit, max_size=3).map(tuple)


def _says_something(imagine: c.Imagine) -> bool:
    has_text = any(imagine.segments[name] for name in SEGMENTS)
    return has_text or bool(imagine.flags.init_image)


def _from_brief(flags: Flags, brief: str) -> c.Imagine:
    return c.Imagine(
        segments=Segments(),
        flags=flags.model_copy(update={"from_brief": brief, "models": flags.models[:1]}),
    )


imagines: Final = st.one_of(
    st.builds(c.Imagine, segments=segments, flags=flags).filter(_says_something),
    st.builds(_from_brief, flags, said),
)


artworks: Final = st.one_of(
    st.just(""),
    st.builds(
        lambda run, number: f"{run}/{number}",
        st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26),
        numbers,
    ),
)
people: Final = st.lists(
    st.sampled_from(("slack:T1:U2", "slack:T1:group:S9", "discord:42:role:7", "discord:1:99")),
    min_size=1,
    max_size=3,
).map(tuple)


def shelved_lines() -> st.SearchStrategy[Any]:
    names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True)
    places = st.from_regex(r"[a-z]{1,5}://[a-z0-9./?=&-]{1,9}|[A-Za-z._-]{1,9}", fullmatch=True)
    holds = Flags.model_fields.keys() & {"references", "loras", "no", "controls"}
    held = flags.map(lambda one: Flags(**{name: getattr(one, name) for name in holds}))
    item = st.builds(
        b.LoRAItem,
        family=st.sampled_from(("sdxl", "flux", "sd35")),
        trigger=texts,
        speaks_in=st.sampled_from(("subject", "style")),
        weight=_maybe(st.floats(-4, 4)),
        licence=texts,
        places=st.dictionaries(
            st.sampled_from(("replicate", "comfyui", "diffusers")), places, min_size=1
        ),
    )
    one = {"name": names, "action": st.sampled_from(("show", "retire"))}
    bundles = (
        st.one_of(
            st.builds(kind),
            st.builds(kind, **one, run=runs),
            st.builds(kind, action=st.just("save"), name=names, phrase=texts, flags=held, run=runs),
        )
        for kind in (b.Houses, b.Characters)
    )
    loras = (
        st.builds(b.Loras, **one),
        st.builds(b.Loras, action=st.just("add"), name=names, item=item),
    )
    return st.one_of(st.just(b.Loras()), *loras, *bundles)


def template_lines() -> st.SearchStrategy[t.Templates]:
    """Every kind of line about templates."""
    names = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
    versions = st.integers(1, 99)
    slots = st.sampled_from(((), (("metal", "brass"),), (("a", "x y"), ("b", "old oak"))))
    texts = st.sampled_from(("a {metal=brass|steel} kettle", "{@hero}", "fog -- dark", 'a "x" {b}'))
    segments = st.builds(
        Segments,
        subject=st.builds(Segment, text=texts),
        style=st.builds(Segment, text=texts, weight=st.sampled_from((1.0, 2.0))),
    )
    flags = st.builds(Flags, aspect_ratio=st.sampled_from((None, "4:5")), task=st.just("ui"))
    only = st.sampled_from((None, *SEGMENTS))
    return st.one_of(
        st.just(t.Templates()),
        st.builds(t.Templates, action=st.just("find"), words=st.just("red fox")),
        st.builds(t.Templates, action=st.just("show"), name=names, version=_maybe(versions)),
        st.builds(t.Templates, action=st.sampled_from(("retire", "restore", "diff")), name=names),
        st.builds(
            t.Templates, action=st.just("diff"), name=names, version=versions, other=versions
        ),
        st.builds(t.Templates, action=st.just("add"), name=names, segments=segments, flags=flags),
        st.builds(
            t.Templates,
            action=st.just("save"),
            name=names,
            slots=slots,
            only=only,
            run=st.sampled_from((None, "r2")),
        ),
    )


def verbs(topics: tuple[str, ...]) -> st.SearchStrategy[c.Command]:
    """Every kind of command but Imagine."""
    rates = st.sampled_from(("up", "down", "1", "2", "3", "4", "5", "none"))
    maybe_number = _maybe(numbers)
    orders = st.sampled_from(("close", "disagree", "age"))
    whom = st.sampled_from(("me", "@Ana_Lee", "slack:T1:U2", "discord:9:42"))
    return st.one_of(
        st.builds(c.Edit, edits=edits, flags=flags, run=runs),
        st.builds(c.Branch, number=numbers, edits=edits, flags=flags, run=runs),
        st.builds(c.Use, number=st.integers(1, 4), edits=edits, flags=flags, run=runs),
        st.builds(c.Reroll, flags=flags, run=runs),
        st.builds(c.Again, flags=flags, run=runs),
        st.builds(c.Undo, flags=flags, run=runs),
        st.builds(c.History, run=runs),
        st.builds(
            c.Rework,
            kind=st.sampled_from(("upscale", "cutout")),
            number=numbers,
            flags=flags,
            run=runs,
        ),
        st.builds(
            c.Rework,
            kind=st.just("extend"),
            number=numbers,
            margins=st.builds(Margins, left=st.integers(1, 2000), down=st.integers(0, 2000)),
            flags=flags,
            run=runs,
        ),
        st.builds(c.Pick, number=numbers, run=runs, blind=st.booleans()),
        st.builds(c.Ranking, run=runs),
        st.builds(c.Blind, run=runs, other=runs),
        st.builds(c.Unpick, number=numbers, run=runs),
        st.builds(c.Rate, number=numbers, value=rates, run=runs),
        st.builds(c.Favourite, number=numbers, on=st.booleans(), run=runs),
        st.builds(c.Approve, number=maybe_number, run=runs, first=st.booleans()),
        st.builds(c.Assign, who=whom, number=maybe_number, run=runs),
        st.builds(c.Unassign, number=maybe_number, run=runs),
        st.builds(c.Reject, number=maybe_number, reason=reasons, run=runs, first=st.booleans()),
        st.builds(c.Withdraw, number=maybe_number, run=runs),
        st.builds(c.Restore, number=numbers, run=runs),
        st.builds(c.SetBaseline, run=runs),
        st.builds(c.Compare, run=runs, other=runs),
        st.builds(c.Cancel, run=runs),
        st.builds(c.Retry, run=runs),
        st.builds(c.Details, run=runs),
        st.builds(c.TakeDown, run=runs),
        st.builds(c.Status, run=runs),
        st.builds(c.Show, run=runs),
        st.builds(q.Review, after=artworks, by=orders, mine=st.booleans()),
        st.builds(q.Find, words=st.text(st.characters(categories=("Ll", "Nd")), min_size=1)),
        st.sampled_from((q.Queue(), q.Info(), q.Approvers())),
        st.builds(
            q.Digest,
            action=st.sampled_from(("show", "off")),
            empty=st.booleans(),
        ),
        st.just(q.Digest(action="here", at="09:30")),
        st.builds(q.Approvers, action=st.sampled_from(("add", "remove")), who=people),
        st.builds(c.Export, everything=st.booleans(), run=runs),
        shelved_lines(),
        template_lines(),
        st.builds(q.Help, topic=st.sampled_from(("", *topics))),
    )


def soup(chance: random.Random) -> str:
    """A line of tokens thrown together."""
    parts = chance.choices(SOUP, k=chance.randint(0, 9))
    return chance.choice(("", " ", " ")).join(parts)
