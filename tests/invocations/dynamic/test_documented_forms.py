"""Every form that the syntax guide of dynamicprompts documents, compared with the results of that package."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from invocations.dynamic.template import parse_template
from invocations.dynamic.wildcards import Wildcards

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Command:UserWarning")

FORMS = {
    "a group": "{summer|autumn|winter|spring} is coming",
    "weights": "{0.5::summer|0.1::autumn|3::winter|spring} is coming",
    "several": "I like {2$$chocolate|vanilla|strawberry}",
    "a separator": "I like {2$$ and $$chocolate|vanilla|strawberry}",
    "a bar as separator": "{2$$ | $$A|B|C}",
    "a range": "I like {1-2$$ and $$chocolate|vanilla|strawberry}",
    "no lower bound": "{-2$$chocolate|vanilla|strawberry}",
    "no upper bound": "{1-$$chocolate|vanilla}",
    "none or one": "a cat {0-1$$with a hat|with boots}",
    "more than there are": "{4$$chocolate|vanilla|strawberry}",
    "reversed bounds": "{2-1$$a|b|c}",
    "an empty alternative": "a {very |}old {house||ship}",
    "a group in a group": "a ring on a {{rose|yellow} gold|platinum} band",
    "groups in several": "{2$${red|blue} hats|boots|{wool|silk} coats}",
    "a wildcard": "__season__ is coming",
    "two wildcards": "I love __season__ better than __season__",
    "several from a wildcard": "I like {2$$__flavours__}",
    "a separator and a wildcard": "I like {2$$ and $$__flavours__}",
    "groups in a wildcard": "__either__ is coming",
    "wildcards in a wildcard": "a portrait of a __people__ woman",
    "a folder": "a __deep/er/stone__ statue",
    "a file in some folder": "a __stone__ statue",
    "a list in YAML": "wearing a __clothing__",
    "a group in YAML": "a __weighted__ ball",
    "several lines in YAML": "__toys(figure=elephant)__",
    "a list in JSON": "an __tools/large__ and a __tools/small__",
    "a variable": "${season={summer|winter}}In ${season}, I wear ${season} shirts",
    "a variable with groups": "${person={blond|redhead}, {green|blue} eyes}A ${person} man and a ${person} woman",
    "a value for a wildcard": "__season_clothes(season=winter)__",
    "a variable for a wildcard": "${season={autumn|spring}} __season_clothes__",
    "a default": "In ${season:summer}, I wear ${season:summer} shirts",
    "a default with a group": "a ${colour:{red|blue}} ball",
    "whitespace and comments": (
        "# Set the season\n${season={\n  summer\n\t|autumn\n\t# | fall    # commented this value out\n\t|winter\n}}\n"
        "  In ${season:summer}, I wear\n shirts"
    ),
    "whitespace in a group": "Funko pop\n {2$$ and $$\n   yoda\n |darth vader\n |chewbacca\n }\n figurine",
    "weights in words of a prompt": "a (red:1.2) [cat|dog] (16:9) {fox|hen} <lora:x:0.8>",
    "all of a group": "{!red|blue} {square|circle}",
    "in turn": "{red|green|blue} {@square|circle}",
    "only in turn": "{@embedding1|embedding2} and {@embedding3|embedding4}",
    "a wildcard in turn": "{red|green|blue} __@asia__",
    "several in turn": "{1|2|3|4} {@2$$a|b|c}",
    "text around other text": "%{a drawing of ... in ink $$ {cat|dog}}",
}
PATTERNS = {"a pattern": "my __colours*__ shirt", "a tree": "painted by __artists/**__", "a letter": "__colours-?old__"}
CHOSEN_ONCE = {  # the syntax guide lists these prompts; asked for all of them, the package yields only the first
    "${season=!{summer|autumn|winter}}In ${season}, I wear ${season} shirts": [
        "In summer, I wear summer shirts",
        "In autumn, I wear autumn shirts",
        "In winter, I wear winter shirts",
    ],
    "${season=!__season__} ${season} ${season}": [
        "summer summer",
        "autumn autumn",
        "winter winter",
        "spring spring",
    ],
    "${subject=boy} __examples/prompt__": [
        f"a boy standing in the {weather} drinking {drink}"
        for weather in ("sun", "rain")
        for drink in ("coffee", "tea")
    ],
    "${subject=cowboy} ${weather=sun} ${drink=sasparilla} __examples/prompt__": [
        "a cowboy standing in the sun drinking sasparilla"
    ],
    "__examples/winter__": [f"a {subject} standing in the snow drinking hot chocolate" for subject in ("man", "woman")],
}
MOST = 500  # how many prompts of a template are compared
DRAWS = 600  # enough for both implementations to draw every prompt of every form
SEEDS = 40  # several seeds, because the package chooses such a variable only once per seed


def all_of(reference: Any, template: str, folder: str) -> list[str]:
    """Return the prompts that dynamicprompts generates, in the order of the wildcard files."""
    generator = reference.generators.CombinatorialPromptGenerator(manager(reference, folder), ignore_whitespace=True)
    return generator.generate(template, MOST)  # type: ignore[no-any-return]


def drawn_by(reference: Any, template: str, folder: str, seed: int = 1, draws: int = DRAWS) -> list[str]:
    """Return random prompts that dynamicprompts generates."""
    wildcards = manager(reference, folder)
    generator = reference.generators.RandomPromptGenerator(wildcards, seed=seed, ignore_whitespace=True)
    return generator.generate(template, draws)  # type: ignore[no-any-return]


def manager(reference: Any, folder: str) -> Any:
    found = reference.wildcards.WildcardManager(Path(folder))
    found.sort_wildcards = False
    return found


def ours(template: str, folder: str) -> list[str]:
    return list(itertools.islice(parse_template(template).all(Wildcards([folder])), MOST))


@pytest.mark.parametrize("template", FORMS.values(), ids=FORMS.keys())
def test_every_form_yields_the_same_prompts_as_dynamicprompts_in_the_same_order(
    template: str, words: str, reference: Any
) -> None:
    expected = all_of(reference, template, words)
    assert expected
    assert ours(template, words) == expected
    assert parse_template(template).count(Wildcards([words])) == len(expected)


@pytest.mark.parametrize("template", PATTERNS.values(), ids=PATTERNS.keys())
def test_a_pattern_yields_the_lines_of_all_files_it_matches(template: str, words: str, reference: Any) -> None:
    expected = all_of(reference, template, words)  # in the order of the folder, which is not the same everywhere
    assert sorted(ours(template, words)) == sorted(expected)


@pytest.mark.parametrize(("template", "listed"), CHOSEN_ONCE.items())
def test_a_variable_chosen_once_yields_the_prompts_that_the_guide_lists(
    template: str, listed: list[str], words: str, reference: Any
) -> None:
    assert ours(template, words) == listed
    assert all_of(reference, template, words) == listed[:1]
    drawn = [drawn_by(reference, template, words, seed, draws=1)[0] for seed in range(SEEDS)]
    assert set(drawn) == set(parse_template(template).draw(Wildcards([words]), DRAWS, 1)) == set(listed)


@pytest.mark.parametrize("template", [*FORMS.values(), *PATTERNS.values()])
def test_the_same_prompts_can_be_drawn_as_with_dynamicprompts(template: str, words: str, reference: Any) -> None:
    drawn = parse_template(template).draw(Wildcards([words]), DRAWS, 1)
    assert set(drawn) == set(drawn_by(reference, template, words))


@pytest.mark.parametrize("seed", range(60))
def test_random_templates_yield_the_same_prompts_as_dynamicprompts(seed: int, words: str, reference: Any) -> None:
    template = random_template(random.Random(seed))
    assert ours(template, words) == all_of(reference, template, words), template


def random_template(draw: random.Random) -> str:
    """Return a random template of nested groups, in which no word occurs twice."""
    words = (f"w{index}" for index in range(10_000))

    def phrase(depth: int) -> str:
        parts = [group(depth) if depth and draw.random() < 0.5 else next(words) for _ in range(draw.randint(1, 3))]
        return " ".join(parts)

    def group(depth: int) -> str:
        alternatives = [phrase(depth - 1) for _ in range(draw.randint(1, 3))]
        if draw.random() < 0.3:
            alternatives = [f"{draw.choice(['2', '.5', '1.5'])}::{each}" for each in alternatives]
        bounds = draw.choice(["", "", "2$$", "1-2$$ and $$", "0-1$$", "-2$$, $$"])
        return "{" + bounds + "|".join(alternatives) + "}"

    return phrase(2)
