"""The grammar: text to Command and back, the same for people, buttons and the command line."""

from bot.grammar.flag import Flag
from bot.grammar.flags import FLAGS
from bot.grammar.parse import is_addressed, is_chatter, parse
from bot.grammar.render import button_line, render
from bot.grammar.topics import TOPICS, help_text
from bot.grammar.verbs import SEGMENT_MEANINGS, SEGMENT_NAMES, VERBS, Verb

__all__ = [
    "FLAGS",
    "SEGMENT_MEANINGS",
    "SEGMENT_NAMES",
    "TOPICS",
    "VERBS",
    "Flag",
    "Verb",
    "button_line",
    "help_text",
    "is_addressed",
    "is_chatter",
    "parse",
    "render",
]
