"""The domain's words: frozen, closed, bounded; errors are drawn as they are."""

import inspect
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain import card, command, errors, event, model, ports, run, spec
from domain.asked import RunName
from domain.card import MAX_LINE_CHARS, Button
from domain.command import Command, Imagine, Number
from domain.errors import (
    CommandError,
    Fault,
    HandlerError,
    ProviderError,
    RateLimitedError,
    UnavailableError,
)
from domain.flags import Flags
from domain.model import ModelCard, Range
from domain.record import Moment, Record
from domain.spec import SEGMENTS, AspectRatio, Digest, PromptSpec, Segment, Segments

RECORDS = sorted(
    {
        kind
        for module in (card, command, model, ports, run, spec)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Record) and kind is not Record
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_record_is_frozen_and_closed(kind: type[Record]) -> None:
    assert kind.model_config["frozen"]
    assert kind.model_config["extra"] == "forbid"


def test_a_record_refuses_changes_and_unknown_fields() -> None:
    segment = Segment(text="a red fox")
    with pytest.raises(ValidationError):
        segment.text = "a cat"  # type: ignore[misc]  # the fact
    with pytest.raises(ValidationError):
        Segment.model_validate({"text": "a", "colour": "red"})


def test_moments_are_aware_and_written_as_utc_with_milliseconds() -> None:
    moments: TypeAdapter[datetime] = TypeAdapter(Moment)
    noon = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    assert moments.dump_json(noon) == b'"2026-11-23T10:00:00.123Z"'
    with pytest.raises(ValidationError):
        moments.validate_python(datetime(2026, 11, 23))  # noqa: DTZ001  the fact
    assert moments.validate_json(b'"2026-11-23T10:00:00.123Z"').tzinfo is not None


# --- spec ---


def test_replacing_a_segment_leaves_the_other_four_byte_equal() -> None:
    whole = Segments(**{name: Segment(text=f"the {name}", weight=1.5) for name in SEGMENTS})
    for name in SEGMENTS:
        changed = whole.with_segment(name, Segment(text="new"))
        assert changed[name].text == "new"
        for other in SEGMENTS:
            if other != name:
                assert changed[other].model_dump_json() == whole[other].model_dump_json()


def test_the_brief_is_subject_and_environment_unless_one_is_given() -> None:
    segments = Segments(
        subject=Segment(text="a fox"),
        environment=Segment(text="snow"),
        style=Segment(text="flat"),
    )
    assert PromptSpec(segments=segments).scored_brief == "a fox, snow"
    assert PromptSpec(segments=segments, brief="a warm fox").scored_brief == "a warm fox"
    assert Segments(environment=Segment(text="snow")).brief == "snow"


DIGEST = f"sha256:{'0a' * 32}"


@pytest.mark.parametrize(
    ("inputs", "mode"),
    [
        ({}, "txt2img"),
        ({"init_image": DIGEST}, "img2img"),
        ({"init_image": DIGEST, "mask": DIGEST}, "inpaint"),
    ],
)
def test_the_mode_is_derived_from_the_inputs(inputs: dict[str, str], mode: str) -> None:
    assert PromptSpec.model_validate({"segments": Segments(), **inputs}).mode == mode


BOUNDS = [
    ("count", 1, 8, 0, 9),
    ("steps", 1, 150, 0, 151),
    ("cfg_scale", 0.0, 50.0, -0.1, 50.1),
    ("denoising_strength", 0.0, 1.0, -0.01, 1.01),
    ("max_cost_usd", 0.0, 1e6, -0.01, float("nan")),
]


@pytest.mark.parametrize(("name", "low", "high", "under", "over"), BOUNDS)
def test_spec_and_flags_take_the_same_range(
    name: str, low: float, high: float, under: float, over: float
) -> None:
    for value in (low, high):
        assert getattr(PromptSpec.model_validate({"segments": {}, name: value}), name) == value
        assert getattr(Flags.model_validate({name: value}), name) == value
    for value in (under, over, float("inf")):
        with pytest.raises(ValidationError):
            PromptSpec.model_validate({"segments": {}, name: value})
        with pytest.raises(ValidationError):
            Flags.model_validate({name: value})


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_a_seed_is_a_whole_number_below_2_to_the_32(seed: int) -> None:
    assert Flags(seed=seed).seed == seed


@pytest.mark.parametrize("seed", [-1, 2**32, "later", 1.5])
def test_other_seeds_are_refused(seed: object) -> None:
    with pytest.raises(ValidationError):
        Flags.model_validate({"seed": seed})


@pytest.mark.parametrize("weight", [-10.1, 10.1, float("nan"), float("inf")])
def test_a_weight_out_of_bounds_is_refused(weight: float) -> None:
    with pytest.raises(ValidationError):
        Segment(text="a", weight=weight)


@pytest.mark.parametrize("ratio", ["16:9", "1:1", "99999:99999"])
def test_a_ratio_is_two_whole_numbers(ratio: str) -> None:
    ratios: TypeAdapter[str] = TypeAdapter(AspectRatio)
    assert ratios.validate_python(ratio) == ratio


@pytest.mark.parametrize("ratio", ["", "16", "16:0", "0:9", "a:b", "1.5:1", "16:9:1", "-1:1"])
def test_other_ratios_are_refused(ratio: str) -> None:
    ratios: TypeAdapter[str] = TypeAdapter(AspectRatio)
    with pytest.raises(ValidationError):
        ratios.validate_python(ratio)


@pytest.mark.parametrize(
    "digest", ["", "sha256:", "0a" * 32, f"sha256:{'0A' * 32}", f"sha256:{'0a' * 31}/.", "md5:00"]
)
def test_only_a_digest_names_a_file(digest: str) -> None:
    digests: TypeAdapter[str] = TypeAdapter(Digest)
    assert digests.validate_python(DIGEST) == DIGEST
    with pytest.raises(ValidationError):
        digests.validate_python(digest)


# --- commands ---


def test_a_command_is_known_by_its_kind() -> None:
    commands: TypeAdapter[Command] = TypeAdapter(Command)
    union = get_args(get_args(Command)[0])
    kinds = {kind.model_fields["kind"].default for kind in union}
    assert len(kinds) == len(union)
    made = Imagine(segments=Segments(subject=Segment(text="a fox")))
    assert commands.validate_json(commands.dump_json(made)) == made
    with pytest.raises(ValidationError):
        commands.validate_python({"kind": "explode"})


@pytest.mark.parametrize("number", [0, 9, -1])
def test_tiles_have_numbers_one_to_eight(number: int) -> None:
    numbers: TypeAdapter[int] = TypeAdapter(Number)
    assert [numbers.validate_python(n) for n in range(1, 9)] == list(range(1, 9))
    with pytest.raises(ValidationError):
        numbers.validate_python(number)


@pytest.mark.parametrize(
    "name", ["r0", "r", "2", "R2", "r1234567", "01J", "01ARZ3NDEKTSV4RRFFQ69G5FAI"]
)
def test_a_run_is_named_by_its_number_or_its_ulid(name: str) -> None:
    names: TypeAdapter[str] = TypeAdapter(RunName)
    for good in ("r1", "r42", "01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        assert names.validate_python(good) == good
    with pytest.raises(ValidationError):
        names.validate_python(name)


# --- cards ---


def test_a_button_takes_ninety_ascii_characters_and_no_more() -> None:
    assert Button(label="Pick", line="x" * MAX_LINE_CHARS).line
    for line in ("x" * (MAX_LINE_CHARS + 1), "style: café"):
        with pytest.raises(ValidationError, match="90 ASCII"):
            Button(label="Pick", line=line)


def test_a_models_range_gives_the_nearest_allowed_value() -> None:
    steps = Range(minimum=1, maximum=4, default=4)
    assert [steps.nearest(value) for value in (0, 1, 3, 4, 50)] == [1, 1, 3, 4, 4]


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(-1000, 1000))
def test_the_nearest_value_is_allowed_and_stays(a: float, b: float, value: float) -> None:
    allowed = Range(minimum=min(a, b), maximum=max(a, b))
    nearest = allowed.nearest(value)
    assert allowed.minimum <= nearest <= allowed.maximum
    assert allowed.nearest(nearest) == nearest


@pytest.mark.parametrize("name", ["flux", "Sketch:x", ":x", "sketch:", "a b:c", "replicate:../x y"])
def test_a_model_id_names_its_provider_and_its_name(name: str) -> None:
    sizes = {"kind": "ratios", "ratios": ["1:1"]}
    price = {"usd_per_image": 0, "source": "-", "as_of": "2026-11-23"}
    fields = {"title": "-", "answers": "polled", "sizes": sizes, "price": price}
    known = ModelCard.model_validate(fields | {"id": "replicate:black-forest-labs/flux-dev"})
    assert (known.provider, known.name) == ("replicate", "black-forest-labs/flux-dev")
    with pytest.raises(ValidationError):
        ModelCard.model_validate(fields | {"id": name})


# --- errors ---


def drawn_tree() -> dict[str, str]:
    """Return each class of the drawing with the class that it hangs from."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([│├└─ ]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1])
            above = [(column, name) for column, name in above if column < depth]
            parents[found[2]] = above[-1][1] if above else "Exception"
            above.append((depth, found[2]))
    return parents


def test_the_tree_drawn_in_the_docstring_is_the_tree_of_the_classes() -> None:
    classes = {
        name: kind.__bases__[0].__name__
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, Exception)
    }
    assert drawn_tree() == classes


def test_what_the_drawing_says_in_brackets_an_error_carries() -> None:
    for line in (errors.__doc__ or "").splitlines():
        found = re.search(r"(\w+Error)\(([^)]*)\)", line)
        if found:
            taken = inspect.signature(getattr(errors, found[1])).parameters
            assert set(re.split(r",\s*", found[2])) <= set(taken)


def test_every_kind_of_error_has_a_word_of_its_own() -> None:
    kinds = [kind.kind for kind in vars(errors).values()
             if inspect.isclass(kind) and issubclass(kind, HandlerError)]  # fmt: skip
    assert len(set(kinds)) == len(kinds)


def test_an_error_carries_message_and_hint() -> None:
    error = HandlerError("no model", hint="Ask for another.")
    assert (str(error), error.message, error.hint) == ("no model",) * 2 + ("Ask for another.",)
    limited = RateLimitedError("wait", retry_after_s=3.0, model="a:b", request_id="req_1")
    assert (limited.retry_after_s, limited.model, limited.request_id) == (3.0, "a:b", "req_1")
    assert isinstance(limited, ProviderError)
    assert UnavailableError("gone", maybe_billed=True).maybe_billed


def test_a_fault_says_value_range_and_nearest_match() -> None:
    fault = Fault("--steps", "900", "1 to 150", "150")
    assert str(fault) == "--steps '900': 1 to 150 (nearest: 150)"
    assert str(Fault("--steps", "")) == "--steps"
    assert CommandError("wrong", faults=(fault,)).faults == (fault,)


def test_every_time_in_the_domain_is_aware() -> None:
    told = event.Event(
        key="k",
        at=datetime.now(UTC),
        person=event.Person(surface="console", workspace="local", id="ana", name="Ana"),
        place=event.Place(surface="console", workspace="local", channel="main"),
        line="pick 2",
    )
    assert event.Event.model_validate_json(told.model_dump_json()).at.tzinfo is not None
