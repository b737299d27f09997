"""Tables for scenes: the things that belong in each setting, times of day, seasons, and colors of sky and ground."""

from __future__ import annotations

from training.draw_creatures import SNOW
from training.draw_pen import Rgb

GROUND_THINGS = (
    "house",
    "house",
    "tree",
    "pine tree",
    "flower",
    "mushroom",
    "cat",
    "cat",
    "bird",
    "umbrella",
    "snowman",
    "car",
    "castle",
    "cactus",
    "duck",
    "robot",
)
SKY_THINGS = ("balloon", "bird", "bird", "butterfly", "butterfly")
SEA_THINGS = ("boat", "boat", "boat", "whale", "duck")
SPACE_THINGS = ("rocket", "rocket", "planet")
WATER_THINGS = ("fish", "fish", "whale")
# Things that can stand next to each other on the ground.
NEIGHBORS = ("house", "tree", "pine tree", "flower", "mushroom", "cat", "car", "castle", "cactus", "robot")
TIMES = ("day", "day", "day", "night", "night", "sunset", "sunset", "winter", "autumn", "spring")
SKIES: dict[str, tuple[Rgb, Rgb]] = {
    "day": ((120, 186, 240), (190, 224, 248)),
    "night": ((10, 14, 44), (24, 30, 76)),
    "sunset": ((104, 58, 128), (246, 142, 80)),
    "winter": ((176, 204, 228), (222, 234, 244)),
    "autumn": ((170, 198, 220), (226, 222, 206)),
    "spring": ((136, 204, 244), (214, 236, 250)),
}
GROUNDS: dict[str, Rgb] = {
    "day": (104, 184, 84),
    "night": (24, 62, 44),
    "sunset": (84, 104, 58),
    "winter": SNOW,
    "autumn": (196, 146, 72),
    "spring": (138, 208, 100),
}
COUNTABLE = ("tree", "pine tree", "flower", "mushroom", "balloon", "bird", "house", "butterfly", "fish")
