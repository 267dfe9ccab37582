"""Two workers at once on a mixed lot of cases, killed anywhere, again and again, while customers write: by a seed.

60 seeds every day; `make faults` plays 1,000, `make faults SEEDS=5000` as many as you like, and `make faults SEED=17`
one again. A seed that breaks a promise prints its story and that command.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.faults.outcomes import Outcomes
from tests.faults.scenes import ADA, BEN, CLEO, DORA, Scenes
from tests.faults.stepping import Death, side_by_side
from tests.faults.world import Play, World

SEEDS = [int(os.environ["SEED"])] if "SEED" in os.environ else range(1, int(os.environ.get("SEEDS", 60)) + 1)
ROUNDS = 3
OPERATIONS = 250
"""Of a worker that works through; a death later than that is none."""
WORDS_ON_THE_LINE = 80
CUSTOMERS = (ADA, BEN, CLEO, DORA)
WORDS = [
    ("Which burr do I order?", {}),
    ("It still jams. I am really disappointed.", {}),
    ("Thanks a lot, the grinder works perfectly now.", {"is_favorable": True}),
    ("I will try it next week.", {"puts_off": True}),
]


@dataclass
class Story:
    """What happens by this seed."""

    seed: int
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def tell(self, play: Play, line: str) -> None:
        self.lines.append(f"{play.clock.now():%a %H:%M:%S} {line}")


@pytest.mark.parametrize("seed", SEEDS)
def test_two_workers_killed_at_random(seed: int, world: World, scenes: Scenes, outcomes: Outcomes) -> None:
    story = Story(seed)
    with world.play(scenes.mixed()) as play:
        kills = play_by(story, play)
        play.finish()
        play.time_passes(timedelta(hours=49))  # what was counted wrong shows at the next step
        play.finish()
        after = outcomes.count("Two workers at once, killed at random, several times", play, follow_ups=3, kills=kills)
    replay = f"play it again: make faults SEED={seed}"
    assert not after.broken.sentences(), "\n".join([*story.lines, *after.broken.sentences(), replay])


def play_by(story: Story, play: Play) -> int:
    """Some rounds of it; returns how many workers were killed."""
    kills = 0
    for _ in range(story.chance.randint(1, 3)):
        if story.chance.random() < 0.5:
            _a_customer_writes(story, play)
        deaths = [_death(story.chance), _death(story.chance)]
        done = side_by_side(play, story.chance, deaths, ROUNDS)
        kills += sum(line.endswith("killed") for line in done)
        story.lines += done
        step = story.chance.choice(
            [timedelta(seconds=1), timedelta(minutes=6), timedelta(hours=3), timedelta(hours=49)]
        )
        play.time_passes(step)
        story.tell(play, f"{step} have passed")
    return max(kills, 1)


def _death(chance: random.Random) -> Death | None:
    """Anywhere, or in the midst of talking to a mail server, or none."""
    anywhere, talking = Death(chance.randint(1, OPERATIONS)), Death(chance.randint(1, WORDS_ON_THE_LINE), "socket")
    return chance.choice([anywhere, anywhere, talking, talking, None])


def _a_customer_writes(story: Story, play: Play) -> None:
    sender = story.chance.choice(CUSTOMERS)
    text, allows = story.chance.choice(WORDS)
    story.tell(play, f"{sender} writes: {text}")
    play.customer_writes(text, sender=sender, **allows)
