"""An exported API workflow whose nodes say by their titles what is written into them.

A title holds any number of marks: ``handler:prompt``, ``handler:control:canny``. What a card's
``wire`` names as ``Title.input`` is written there instead. Titles survive an export, ids do not.
"""

import copy
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SHIPPED: Final = Path(__file__).parent / "workflows"
MAX_FILE_BYTES: Final = 2 * 1024 * 1024
MARK: Final = re.compile(r"handler:([a-z_]+(?::[a-z_]+)?)")
SAVES: Final = "SaveImage"
"""Whose pictures are taken where no node is marked ``handler:output``."""
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "prompt": ("text", "text_g", "text_l", "clip_l", "t5xxl", "prompt", "value"),
    "negative": ("text", "text_g", "text_l", "clip_l", "t5xxl", "prompt", "value"),
    "seed": ("seed", "noise_seed"),
    "steps": ("steps",),
    "cfg": ("cfg", "guidance"),
    "denoise": ("denoise",),
    "width": ("width",),
    "height": ("height",),
    "image": ("image",),
    "lora": ("lora_name",),
    "lora_weight": ("strength_model", "strength_clip"),
    "weight": ("strength", "weight"),
    "start": ("start_percent", "start_at"),
    "end": ("end_percent", "end_at"),
    "folder": ("filename_prefix",),
}
"""Our word for a value, and the inputs that nodes have for it."""
SAMPLER: Final = frozenset({"seed", "steps", "cfg", "denoise"})
"""What ``handler:sampler`` takes at once."""
THROUGH: Final = (("model", "clip"), ("positive", "negative"), ("conditioning",))
"""Which inputs pass through a node that is left out, by the number of its output."""

Place = tuple[str, str]
"""A node's id and the name of one of its inputs."""


class WorkflowError(Exception):
    """A file that is no workflow, or not one for this card; it never leaves this package."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow as it was exported, and where its marks are."""

    name: str
    nodes: Mapping[str, Mapping[str, Any]]

    def title(self, node: str) -> str:
        """Return how people know a node: its title, or its class."""
        told = self.nodes.get(node, {})
        meta = told.get("_meta")
        title = meta.get("title") if isinstance(meta, dict) else None
        return str(title or told.get("class_type") or f"node {node}")

    def marked(self, mark: str) -> list[str]:
        """Return the nodes with a mark, in the order of their ids."""
        found = [node for node in self.nodes if mark in MARK.findall(self.title(node))]
        return sorted(found, key=_in_order)

    def open_inputs(self, node: str, word: str) -> list[Place]:
        """Return the inputs of a node that take a word of ours: those that nothing is linked to."""
        inputs = self.nodes[node]["inputs"]
        return [(node, one) for one in WORDS[word] if one in inputs and not is_link(inputs[one])]

    def places(self, word: str, wire: Mapping[str, str], mark: str = "") -> list[Place]:
        """Return where a word of ours is written."""
        if word in wire:
            return self.named(wire[word])
        nodes = self.marked(mark or word)
        if not mark and word in SAMPLER:
            nodes += [one for one in self.marked("sampler") if one not in nodes]
        return [place for node in nodes for place in self.open_inputs(node, word)]

    def named(self, address: str) -> list[Place]:
        """Return the inputs that ``Title.input`` names; the title may be an id."""
        title, _, one = address.rpartition(".")
        nodes = [node for node in self.nodes if title in (node, self.title(node))]
        return [(node, one) for node in nodes if one in self.nodes[node]["inputs"]]

    def settings(self, name: str, wire: Mapping[str, str]) -> list[Place]:
        """Return where a setting of the card is written: marked nodes with an input of its name."""
        if name in wire:
            return self.named(wire[name])
        marked = [node for node in self.nodes if MARK.search(self.title(node))]
        inputs = {node: self.nodes[node]["inputs"] for node in marked}
        return [(node, name) for node in marked if not is_link(inputs[node].get(name, ["", 0]))]

    @property
    def outputs(self) -> list[str]:
        """The nodes whose pictures are the result."""
        saves = [node for node, told in self.nodes.items() if told["class_type"] == SAVES]
        return self.marked("output") or saves

    def filled(
        self, written: Mapping[str, Mapping[str, Any]], left_out: Iterable[str]
    ) -> dict[str, Any]:
        """Return the workflow to send: values in, nodes left out, and nothing without effect.

        Raises:
            WorkflowError: A node that is to be left out lets nothing through.
        """
        graph = {node: copy.deepcopy(dict(told)) for node, told in self.nodes.items()}
        for node, values in written.items():
            graph[node]["inputs"] |= values
        out = set(left_out)
        for told in graph.values():
            for name, value in told["inputs"].items():
                if is_link(value):
                    told["inputs"][name] = self._around(value, graph, out)
        kept = _needed(graph, self.outputs)
        return {node: told for node, told in graph.items() if node in kept}

    def _around(self, link: list[Any], graph: Mapping[str, Any], out: set[str]) -> list[Any]:
        for _ in graph:
            node, slot = link
            if node not in out:
                return link
            inputs = graph[node]["inputs"]
            names = next((several for several in THROUGH if several[0] in inputs), ())
            passed: Any = inputs.get(names[slot]) if slot < len(names) else None
            if not is_link(passed):
                raise WorkflowError(f"{self.title(node)!r} cannot be left out: nothing passes it")
            link = passed
        raise WorkflowError("its nodes are linked in a circle")


def is_link(value: Any) -> bool:
    """Whether an input's value is another node's output."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)  # noqa: PLR2004


def read(source: str, folder: str) -> Workflow:
    """Read a workflow: the team's own file of that name, else one that ships with the program.

    Raises:
        WorkflowError: There is none, or it is no API workflow.
    """
    if not source or Path(source).is_absolute() or ".." in Path(source).parts:
        raise WorkflowError(f"{source!r} is no file in the folder of workflows")
    places = [Path(folder) / source] if folder else []
    for path in (*places, SHIPPED / source):
        if path.is_file():
            return _parsed(source, path)
    raise WorkflowError(f"{source!r} is not in {folder or 'the shipped workflows'}")


def _parsed(source: str, path: Path) -> Workflow:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise WorkflowError(f"{source!r} has more than {MAX_FILE_BYTES} bytes")
        nodes = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise WorkflowError(f"{source!r} cannot be read: {type(error).__name__}") from error
    if isinstance(nodes, dict) and isinstance(nodes.get("nodes"), list):
        raise WorkflowError(f"{source!r} is a saved workflow: export it with Export (API)")
    if not isinstance(nodes, dict) or not nodes or not all(map(_is_node, nodes.values())):
        raise WorkflowError(f"{source!r} is no API workflow")
    workflow = Workflow(source, nodes)
    if not workflow.outputs:
        raise WorkflowError(f"{source!r} saves no picture: mark one node handler:output")
    return workflow


def _is_node(told: Any) -> bool:
    return (
        isinstance(told, dict)
        and isinstance(told.get("class_type"), str)
        and isinstance(told.get("inputs"), dict)
    )


def _needed(graph: Mapping[str, Any], outputs: Iterable[str]) -> set[str]:
    """Return the nodes that the outputs depend on."""
    kept: set[str] = set()
    left = list(outputs)
    while left:
        node = left.pop()
        if node in graph and node not in kept:
            kept.add(node)
            left += [value[0] for value in graph[node]["inputs"].values() if is_link(value)]
    return kept


def _in_order(node: str) -> tuple[int, str]:
    return (int(node), "") if node.isdecimal() else (len(node) + 10**9, node)
