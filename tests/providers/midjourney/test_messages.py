"""Messages of Midjourney's bot: each form as it was captured, its variants, and what is none."""

import pytest

from providers.midjourney.messages import is_grid, read, read_name

P = "a red fox, in the snow --ar 3:2 --seed 7 --v 7.0"
JOB = "9d1f2c4e-8b7a-4c3d-9e2f-0a1b2c3d4e5f"
WEB = f"[(Open on website for full quality)](<https://midjourney.com/jobs/{JOB}>)"
OLD_WEB = "(Open on website for full quality)"
FORMS = {
    "grid": (f"**{P}** - <@42> (fast)", "grid", "", None, None),
    "grid with its page": (f"**{P}** - <@42> {WEB} (fast)", "grid", "", None, None),
    "grid with an old page": (f"**{P}** - <@42> {OLD_WEB} (relaxed)", "grid", "", None, None),
    "grid in stealth": (f"**{P}** - <@42> (turbo, stealth)", "grid", "", None, None),
    "a nick's mention": (f"**{P}** - <@!42> (fast)", "grid", "", None, None),
    "drawing": (f"**{P}** - <@42> (31%) (fast)", "grid", "", 0.31, None),
    "drawing in stealth": (f"**{P}** - <@42> (100%) (relaxed, stealth)", "grid", "", 1.0, None),
    "waiting": (f"**{P}** - <@42> (Waiting to start)", "grid", "", 0.0, None),
    "one alone": (f"**{P}** - Image #3 <@42>", "select", "Image #3", None, 3),
    "upscaled": (f"**{P}** - Upscaled by <@42> (fast)", "upscale", "Upscaled", None, None),
    "upscaled subtly": (
        f"**{P}** - Upscaled (Subtle) by <@42> {WEB} (fast, stealth)",
        "upscale",
        "Upscaled (Subtle)",
        None,
        None,
    ),
    "upscaled twice": (
        f"**{P}** - Upscaled (2x) by <@42> (relaxed)",
        "upscale",
        "Upscaled (2x)",
        None,
        None,
    ),
    "upscaling": (
        f"**{P}** - Upscaling (Creative) by <@42> (31%) (fast)",
        "upscale",
        "Upscaled (Creative)",
        0.31,
        None,
    ),
    "varied": (
        f"**{P}** - Variations (Strong) by <@42> (fast)",
        "variation",
        "Variations (Strong)",
        None,
        None,
    ),
    "varied with its page": (
        f"**{P}** - Variations (Region) by <@42> {WEB} (fast)",
        "variation",
        "Variations (Region)",
        None,
        None,
    ),
    "varying": (
        f"**{P}** - Variations (Subtle) by <@42> (62%) (fast)",
        "variation",
        "Variations (Subtle)",
        0.62,
        None,
    ),
    "remixed": (
        f"**{P}** - Remix (Strong) by <@42> (fast)",
        "variation",
        "Remix (Strong)",
        None,
        None,
    ),
    "panned": (f"**{P}** - Pan Left by <@42> {WEB} (fast)", "pan", "Pan Left", None, None),
    "panned down": (f"**{P}** - Pan Down by <@42> (turbo)", "pan", "Pan Down", None, None),
    "zoomed": (f"**{P}** - Zoom Out by <@42> (fast)", "zoom", "Zoom Out", None, None),
    "zoomed with its page": (
        f"**{P}** - Zoom Out by <@42> {WEB} (relaxed, stealth)",
        "zoom",
        "Zoom Out",
        None,
        None,
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_read(name: str) -> None:
    content, verb, words, progress, index = FORMS[name]
    said = read(content)
    assert said is not None
    assert (said.verb, said.words) == (verb, words)
    assert (said.prompt, said.user) == (P, "42")
    assert (said.progress, said.index) == (progress, index)


NOT_READ = (
    "",
    "good morning",
    "You have successfully rated [this job](https://midjourney.com/jobs/1)",
    "**a red fox** - nobody (fast)",
    "**a red fox** - <@42>",
    "**a red fox - <@42> (fast)",
    "a red fox - <@42> (fast)",
    f"> **{P}** - <@42> (fast)",
)


@pytest.mark.parametrize("content", NOT_READ)
def test_all_else_is_none_of_its_messages(content: str) -> None:
    assert read(content) is None


@pytest.mark.parametrize(
    "prompt",
    [
        "a fox ** in bold ** - really",
        "a fox\nin two lines",
        "<https://s.mj.run/AbC> a fox --raw --v 7.0",
        "a fox - Image #2 <@7> said he",
        "(fast) (31%) <@9>",
    ],
)
def test_a_prompt_may_look_like_the_message_itself(prompt: str) -> None:
    said = read(f"**{prompt}** - <@42> (fast)")
    assert said is not None
    assert (said.verb, said.prompt, said.user) == ("grid", prompt, "42")


def test_a_long_message_of_nonsense_is_read_quickly() -> None:
    assert read("**" + "- <@1> (" * 500) is None


@pytest.mark.parametrize("ending", ["png", "webp", "jpg", "jpeg"])
def test_a_file_names_its_job(ending: str) -> None:
    signed = f"https://cdn.discordapp.com/attachments/1/2/ana_a_red_fox_{JOB}.{ending}?ex=1&is=2"
    for address in (signed, f"ana_a_red_fox_{JOB}.{ending}"):
        name = read_name(address)
        assert name is not None
        assert (name.stem, name.job, name.is_picture) == ("ana_a_red_fox", JOB, True)


def test_a_file_from_the_website_names_its_place_too() -> None:
    name = read_name(f"ana_a_red_fox_{JOB}_2.png")
    assert name is not None
    assert (name.stem, name.job) == ("ana_a_red_fox", JOB)


@pytest.mark.parametrize("ending", ["gif", "mp4"])
def test_what_moves_is_no_picture(ending: str) -> None:
    name = read_name(f"ana_fox_{JOB}.{ending}")
    assert name is not None
    assert not name.is_picture


@pytest.mark.parametrize("address", ["fox.png", "", f"{JOB}.txt", f"ana_{JOB[:-1]}.png"])
def test_other_files_name_no_job(address: str) -> None:
    assert read_name(address) is None


def test_the_buttons_tell_a_grid() -> None:
    said = read(f"**{P}** - Zoom Out by <@42> (fast)")
    assert said is not None
    assert is_grid(said, [f"MJ::JOB::upsample::1::{JOB}"])
    assert not is_grid(said, [f"MJ::JOB::upsample_v7_2x_subtle::1::{JOB}::SOLO"])
    assert is_grid(said, [])
    alone = read(FORMS["one alone"][0])
    assert alone is not None
    assert not is_grid(alone, [])
