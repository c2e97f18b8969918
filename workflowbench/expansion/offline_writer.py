"""The offline query writer: a request made by rules from the documents of the sampled APIs.

The request says, for each API in a plausible order, what the API does: it needs all of them by construction.
It promises nothing beyond that; what the steps have to do with each other is the reader's guess, as the APIs
were drawn at random.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflowbench.catalogue.api import Api
from workflowbench.expansion.clauses import distinct_clauses
from workflowbench.thoughts.wording import upper_first

WRITER = "offline"
"""Writer of the rows that these rules write."""
PROMPT = "offline-query@1"
"""Name and version of the rules, in place of a prompt template."""

_FEWEST_IN_SENTENCE, _MOST_IN_SENTENCE = 2, 4


@dataclass(frozen=True, slots=True)
class _Style:
    """A way to ask: how it opens, goes on and comes to its last step; `{}` takes clauses with bare verbs."""

    opening: str
    middles: tuple[str, ...]
    last: str
    closings: tuple[str, ...]


_STYLES = (
    _Style(
        "For {topic} I want one workflow that can {}.",
        ("After that it should {}.", "Then it has to {}.", "From there on, it should {}."),
        "In the end it should {}.",
        ("How can I set that up?", "What steps would that take?", "Could you put it together?"),
    ),
    _Style(
        "Could you build me a routine for {topic} that will {}?",
        ("It should then {}.", "Next, let it {}.", "It also has to {}."),
        "As the last thing, it should {}.",
        ("What would such a routine look like?", "How would you put it together?", "Can that be done?"),
    ),
    _Style(
        "What would it take to automate this for {topic}: {}?",
        ("Then I would like it to {}.", "Once that is done, it needs to {}.", "The next part is to {}."),
        "It all finishes when it has managed to {}.",
        ("Please work it out for me.", "I would like to start it with one tap.", "How do I get there?"),
    ),
    _Style(
        "I am putting together something for {topic} and need it to {}.",
        ("Afterwards it must {}.", "It then goes on to {}.", "At that point it should {}."),
        "To round it off, it has to {}.",
        ("Which steps do I need?", "How should I go about it?", "Can you help me make it?"),
    ),
    _Style(
        "When I run my workflow for {topic}, it should {}.",
        ("Following that, I want it to {}.", "It should go on to {}.", "Right after, have it {}."),
        "Before it stops, I want it to {}.",
        ("How can I make this work?", "What does that take?", "Could you write it for me?"),
    ),
    _Style(
        "Please help me with {topic}. In one go I need to {}.",
        ("Then I need to {}.", "After this I also have to {}.", "The next job is to {}."),
        "Lastly I need to {}.",
        ("How do I do all of it in one workflow?", "What is the way to do this?", "Can this run by itself?"),
    ),
)

_TOPICS: Mapping[str, str] = {
    "Books": "my reading",
    "Business": "my work",
    "Development Tools": "my programming projects",
    "Education": "my studies",
    "Entertainment": "an evening of entertainment",
    "Finance": "my money matters",
    "Food & Drink": "cooking and eating out",
    "Games": "my games",
    "Graphics & Design": "my design work",
    "Health & Fitness": "my fitness",
    "Jailbreaking": "tinkering with my jailbroken phone",
    "Kids": "the children",
    "Lifestyle": "my everyday life",
    "Medical": "my health records",
    "Music": "my music",
    "Navigation": "finding my way",
    "News": "keeping up with the news",
    "Photo & Video": "my photos and videos",
    "Productivity": "getting things done",
    "Reference": "looking things up",
    "Shopping": "my shopping",
    "Snippets": "my collection of reusable steps",
    "Social Networking": "keeping in touch with people",
    "Sports": "following sports",
    "Travel": "my travels",
    "Utilities": "everyday chores on my device",
    "Weather": "keeping an eye on the weather",
    "Widgets": "the widgets on my Home Screen",
}


def write_query(category: str, apis: Sequence[Api], draw: random.Random) -> str:
    """Write a request for a category that takes every one of the given APIs.

    Args:
        category: One of the 28 categories.
        apis: Their documents; sources come first in the request and what only has an effect last.
        draw: Chooses among equivalent wordings.

    """
    style = draw.choice(_STYLES)
    groups = list(_groups(distinct_clauses(in_order_of_use(apis)), draw))
    topic = _TOPICS.get(category, f"the topic {category}")
    sentences = [style.opening.replace("{topic}", topic).replace("{}", _joined(groups[0]))]
    middles = draw.sample(style.middles, len(style.middles))
    for number, group in enumerate(groups[1:], start=1):
        frame = style.last if number == len(groups) - 1 else middles[(number - 1) % len(middles)]
        sentences.append(frame.replace("{}", _joined(group)))
    return " ".join(map(upper_first, [*sentences, draw.choice(style.closings)]))


def in_order_of_use(apis: Sequence[Api]) -> list[Api]:
    """Put APIs in an order in which results can flow: sources, what takes a result, mere effects."""
    return sorted(apis, key=lambda api: 2 if api.output_name is None else 1 if api.input_key else 0)


def _groups(clauses: Sequence[str], draw: random.Random) -> Iterator[Sequence[str]]:
    start = 0
    while start < len(clauses):
        end = start + draw.randint(_FEWEST_IN_SENTENCE, _MOST_IN_SENTENCE)
        end = len(clauses) if len(clauses) - end == 1 else end
        yield clauses[start:end]
        start = end


def _joined(clauses: Sequence[str]) -> str:
    """Join clauses; semicolons part those that hold lists of their own."""
    if len(clauses) < 2:
        return "".join(clauses)
    if any("," in clause or " and " in clause for clause in clauses):
        return f"{'; '.join(clauses[:-1])}; and {clauses[-1]}"
    return f"{', '.join(clauses[:-1])} and {clauses[-1]}"
