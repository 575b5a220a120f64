"""At most five rows of five, whatever a card offers; a menu where a group is wider."""

from bot.chat.layout import PER_ROW, ROWS, rows
from domain.card import Button


def group(name: str, count: int) -> list[Button]:
    return [
        Button(
            label=f"{name} {number}",
            line=f"{name} {number}",
            group=name,
            number=number,
        )
        for number in range(1, count + 1)
    ]


GENERAL = [Button(label=name, line=name.lower()) for name in ("Reroll", "Edit", "Details")]


def test_four_images_have_a_row_for_each_group() -> None:
    made = rows([*GENERAL, *group("branch", 4), *group("pick", 4), *group("approve", 4)])
    assert [[one.label for one in row.buttons] for row in made] == [
        ["pick 1", "pick 2", "pick 3", "pick 4"],
        ["branch 1", "branch 2", "branch 3", "branch 4"],
        ["approve 1", "approve 2", "approve 3", "approve 4"],
        ["Reroll", "Edit", "Details"],
    ]
    assert not any(row.menu for row in made)


def test_eight_images_have_menus() -> None:
    made = rows([*group("pick", 8), *group("branch", 8), *group("approve", 8), *GENERAL])
    assert [row.menu for row in made] == ["Pick an image…", "Branch from…", "Approve…", ""]
    assert [len(row.buttons) for row in made] == [8, 8, 8, 3]


def test_nothing_is_wider_or_higher_than_the_platforms_take() -> None:
    folded = [Button(label=f"Restore {n}", line=f"restore {n}", number=n) for n in range(1, 9)]
    made = rows([*group("pick", 8), *group("branch", 8), *group("approve", 8), *folded, *GENERAL])
    assert len(made) <= ROWS
    assert all(len(row.buttons) <= PER_ROW or row.menu for row in made)
    assert rows([]) == ()
