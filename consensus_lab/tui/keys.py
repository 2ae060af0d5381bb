"""Every key, once: the bindings, the footer, the help screen and the command palette are made from this table."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding


class Key(NamedTuple):
    """A key (or several), the action it is bound to, a word for the footer (empty: not there), and what it does."""

    keys: str
    action: str
    shown: str
    word: str
    does: str


GROUPS: dict[str, tuple[Key, ...]] = {
    "Time": (
        Key("right", "forward", "→", "step", "take the step that comes next"),
        Key("left,u", "step_back", "←", "back", "one step back; nothing is lost"),
        Key("space", "play", "␣", "play", "play, or stop"),
        Key("plus,equals_sign", "faster(1)", "+", "", "play faster"),
        Key("minus", "faster(-1)", "-", "", "play slower"),
        Key("right_square_bracket", "seek(1)", "]", "", "to the next narration, fault, decision or fallen invariant"),
        Key("left_square_bracket", "seek(-1)", "[", "", "back to the one before"),
        Key("home", "travel(-1000000000)", "home", "", "to the beginning"),
        Key("end", "end", "end", "", "to the end of what is recorded"),
        Key("pagedown", "travel(10)", "pgdn", "", "ten steps on"),
        Key("pageup", "travel(-10)", "pgup", "", "ten steps back"),
        Key("g", "ask_step", "g", "", "go to a step by its number"),
    ),
    "Choose what happens": (
        Key("down", "choose(1)", "↓", "", "choose the next of what may happen"),
        Key("up", "choose(-1)", "↑", "", "choose the one before"),
        Key("enter", "take", "⏎", "take", "make the chosen thing happen now"),
        Key("t", "fire", "t", "", "fire the chosen timer, or the chosen node's first one"),
        Key("w", "sync", "w", "", "let the chosen node's disk write (fsync)"),
        Key("s", "submit", "s", "", "submit the client's next request"),
    ),
    "Faults": (
        Key("c", "crash", "c", "crash", "crash the chosen node; restart it when it is down; torn: ^p"),
        Key("p", "pause", "p", "", "pause the chosen node; resume it"),
        Key("x", "drop", "x", "drop", "lose the chosen message"),
        Key("d", "duplicate", "d", "", "duplicate the chosen message"),
        Key("D", "delay", "D", "", "delay the chosen message: behind all that is in flight"),
        Key("k", "cut", "k", "", "cut the direction that the chosen message takes, or choose a link"),
        Key("h", "heal", "h", "", "heal that direction, or the one that was cut first"),
        Key("P", "partition", "P", "split", "part the nodes into sets"),
        Key("H", "heal_all", "H", "", "heal every link"),
    ),
    "Branches": (
        Key("b", "branches", "b", "", "the tree of branches: every history is kept"),
        Key("greater_than_sign", "turn(1)", ">", "", "the next branch"),
        Key("less_than_sign", "turn(-1)", "<", "", "the branch before"),
    ),
    "Look": (
        Key("n", "node(1)", "n", "", "choose the next node; 1 to 9 choose one by its place"),
        Key("N", "node(-1)", "N", "", "choose the node before"),
        Key("i", "claims", "i", "", "the invariants: what each claims, and whether it holds here"),
        Key("C", "coverage", "C", "", "what was reached: which rules ran, in which states, with which outcomes"),
        Key("v", "view", "v", "", "change what is shown where there is no room for all"),
        Key("z", "zoom", "z", "", "the pane that has the focus fills the screen, and back"),
        Key("slash", "hide", "/", "", "hide nodes, or kinds of events"),
        Key("a", "ahead", "a", "", "show, or hide, what is recorded further ahead"),
        Key("T", "next_theme", "T", "", "another theme"),
        Key("S", "picture", "S", "", "save a picture of the screen (SVG) in this folder"),
        Key("tab", "focus_next", "tab", "", "focus the next pane; every key works in all of them"),
    ),
    "The lab": (
        Key("o", "catalogue", "o", "", "open another scenario"),
        Key("question_mark,f1", "help", "?", "help", "this page"),
        Key("ctrl+p", "command_palette", "^p", "palette", "find any action, any choice and any scenario by name"),
        Key("q", "quit", "q", "", "leave"),
    ),
}

BUILT_IN = ("focus_next", "command_palette")
"""Actions that Textual binds itself."""

FOOTER = ("step_back", "forward", "play", "take", "crash", "drop", "partition", "help")


def every_key() -> list[Key]:
    """All of them, in the order of the help screen."""
    return [key for group in GROUPS.values() for key in group]


def bindings() -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """For the app: so every key works whichever pane has the focus."""
    keys = {key.action: key for key in every_key() if key.action not in BUILT_IN}
    ordered = [*(keys.pop(action) for action in FOOTER), *keys.values()]
    table = [
        Binding(key.keys, key.action, key.word or key.does, show=bool(key.word), key_display=key.shown, id=key.action)
        for key in ordered
    ]
    digits = [Binding(f"{n}", f"choose_node({n})", f"choose node {n}", show=False) for n in range(1, 10)]
    return [*table, *digits]
