"""Cards and lines in Slack: posted once, shown when Slack has looked at them, redrawn in place."""

from tests.bot.slack.conftest import Studio


async def test_a_card_is_posted_with_its_grid_and_its_buttons(slack: Studio) -> None:
    card = await slack.card()
    ref = await slack.slack.surface.post(card, slack.address(), key="card:1", again=False)
    [message] = slack.emu.messages(slack.art)
    assert message.ref == ref
    assert message.pictures
    assert "a red fox" in message.said
    assert {"Pick 1", "Reroll"} <= set(message.buttons)
