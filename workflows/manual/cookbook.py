"""The cookbook: worked examples, each a line for one purpose. A test runs all of them."""

from __future__ import annotations

from typing import Final

from invocations.frozen import frozen

from .page import Literal, Page

INTRODUCTION: Final = """\
Type these lines at the interactive prompt or put them in a script; in a shell,
quote a line that contains `|`, `*` or quotes. Replace the files with your own:
house.png, mask.png, logo.png, the images in in/, prompts.txt, jobs.csv and
words/thing.txt."""


@frozen
class CookbookExample:
    """An example: what the line is for, the line with its line breaks on the help page, and a remark about it."""

    purpose: str
    line: str
    remark: str = ""


COOKBOOK: Final = (
    CookbookExample("Compare eight seeds on one sheet", "t2i a red house --seed 1..8 | grid | save seeds.png"),
    CookbookExample(
        "Generate four images with random seeds, and see each seed in the name",
        't2i a blue boat --seed 4x | save "boat-{seed}.png"',
    ),
    CookbookExample(
        "Find good settings: steps down, guidance scale across",
        "t2i a cat --seed 7 --steps 4,8,16 --guidance 2..8:3 | grid | save settings.png",
    ),
    CookbookExample(
        "Compare schedulers, with seeds down and schedulers across",
        "t2i a castle --seed 1..3 --scheduler euler,ddim,dpmpp_2m_k | grid | save s.png",
    ),
    CookbookExample(
        "Draw one sheet for each scheduler",
        't2i a boat --scheduler euler,ddim --seed 1,2 --guidance 2,6 | grid |\nsave "{axis.scheduler}.png"',
    ),
    CookbookExample(
        "Search at random: six guidance scales between 2 and 12",
        "t2i a yellow duck --guidance 2..12?6 --seed 7 | grid | save search.png",
    ),
    CookbookExample(
        "Change words of a prompt",
        "t2i a red house --vary red=blue,green --vary house=boat,tree --seed 7 | grid",
        "The original words are included: 3 x 3 images.",
    ),
    CookbookExample(
        "Make an image for each combination of words",
        't2i "a {red|blue} {house|boat}" --dynamic --seed 7 | save "{prompt}.png"',
    ),
    CookbookExample(
        "Draw prompts at random from your own lists of words",
        't2i "a {red|blue} __thing__ at night" --dynamic=4 --wildcards words --seed 1',
    ),
    CookbookExample(
        "Run every prompt of a text file with two seeds",
        'load-lines prompts.txt as p | t2i @p* --seed 1..2 | save "{row}-{seed}.png"',
    ),
    CookbookExample(
        "Run a table of jobs, with the columns name, prompt, seed and steps",
        'sweep jobs.csv | t2i | save "{axis.name}.png"',
    ),
    CookbookExample(
        "Change two settings together",
        "t2i a star --seed 1,2,3 --steps 4,8,12 --zip seed,steps | grid | save zip.png",
    ),
    CookbookExample(
        "See how the strength of image to image changes an image",
        "t2i a red house --seed 7 | i2i a blue house --strength 0.3..0.9:0.2 --seed 7 |\ngrid | save strength.png",
    ),
    CookbookExample(
        "Leave combinations out of a sweep; their cells stay empty",
        'sweep seed=1..4 strength=.3,.5,.7 --where "strength < .6 or seed == 1" |\n'
        "t2i a red boat | i2i a green boat | grid | save boats.png",
    ),
    CookbookExample(
        "Repaint every image in a folder at two strengths",
        "i2i 'in/*.png' a watercolor --strength 0.4,0.6 |\nsave \"out/{stem}-{strength}.png\"",
    ),
    CookbookExample(
        "Draw a sheet of three filter settings for each seed",
        't2i a cake --seed 1..3 | blur 0,2,4 | collect --by radius | grid |\nsave "cake-{axis.seed}.png"',
    ),
    CookbookExample(
        "Repaint part of a photo four times and choose the best",
        "inpaint house.png a yellow sun --mask mask.png --seed 1..4 | grid",
    ),
    CookbookExample(
        "Enlarge a whole folder",
        "load 'in/*.png' | upscale 2 | save \"large/{stem}.png\"",
    ),
    CookbookExample(
        "Put a logo on every image in a folder",
        "load 'in/*.png' | paste logo.png --left 4 --top 4 --opacity 0.5 |\nsave \"marked/{axis.image}.png\"",
    ),
    CookbookExample(
        "Make a contact sheet of a folder, with thumbnails of 128 pixels",
        "load 'in/*.png' | grid --columns 3 --cell 128 | save contact.png",
    ),
)


def cookbook_page() -> Page:
    """Return the page with all examples."""
    return (Literal(INTRODUCTION), *(Literal(_shown(number, each)) for number, each in enumerate(COOKBOOK, 1)))


def _shown(number: int, example: CookbookExample) -> str:
    line = "  " + example.line.replace("\n", "\n    ")
    return "\n".join([f"{number}. {example.purpose}", *([example.remark] if example.remark else []), line])
