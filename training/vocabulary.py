"""All words that the default model knows or may learn later; listing both keeps token ids stable."""

from __future__ import annotations

from training.draw_words import plural

_FUNCTION = """
a an the and or of on in at by with without under over above below beneath beside between behind near next to
left right top bottom middle center centre corner upper lower side inside outside around across along from into
onto for is are it its this that there one two three four five six seven eight nine ten many few several some no
not none single pair double half front back against facing toward through up down off out other another each
both all only very same different during while
"""
_COLORS = """
red orange yellow green blue purple pink brown black white gray grey cyan violet magenta turquoise teal gold
golden silver beige navy crimson scarlet lime olive maroon cream indigo lavender tan peach mint colorful
colourful rainbow striped spotted dotted checkered plain transparent light dark bright pale deep vivid pastel
color colour colors colours colored coloured monochrome
"""
_SIZES = """
small large big tiny huge giant little tall short wide narrow thin thick long round flat old new young open
closed full empty broken sharp soft hard smooth rough shiny cute happy sad angry smiling laughing crying
sleeping surprised winking beautiful pretty ugly lonely cozy calm quiet wild funny simple fancy modern ancient
magic magical sailing flying standing sitting running swimming floating walking jumping hanging lying growing
falling shining burning driving parked snowy rainy sunny cloudy foggy stormy windy starry icy frozen wet dry hot
cold warm cool
"""
_NOUNS = """
circle square triangle star heart diamond cross ring moon hexagon pentagon octagon oval rectangle crescent arrow
spiral dot line stripe wave zigzag cube ball cone cylinder pyramid shape shapes house roof wall door window
chimney fence garden tree trunk leaf pine palm bush forest flower petal stem pot vase rose tulip sunflower daisy
grass field hill mountain valley rock stone cliff cave desert dune cactus island beach sand sea ocean lake river
pond waterfall water wave bridge boat ship sail hull anchor lighthouse harbor raft canoe submarine car truck bus
van train tram wagon tractor bicycle motorcycle wheel road street path rail track city town village building
tower castle flag church barn farm windmill tent cabin igloo skyscraper shop school lamp lantern bench sign gate
rocket nose planet earth mars saturn comet meteor satellite astronaut alien ufo robot antenna space galaxy
universe sun cloud rain snow snowflake lightning storm fog wind rainbow sky horizon ground fish bubble whale
dolphin shark octopus crab jellyfish turtle starfish shell coral seaweed duck swan penguin bird wing beak
feather nest egg owl parrot eagle chicken rooster goose cat kitten dog puppy eye eyes ear ears tail paw whisker
mouth tooth tongue face head hair beard hat cap crown scarf glasses tie bow mask shirt dress boots shoe sock
glove cow horse pig sheep goat rabbit bunny mouse bear panda lion tiger elephant giraffe monkey fox wolf deer
frog snake lizard dinosaur dragon unicorn butterfly spot spots dots bee ladybug ant spider snail worm
caterpillar dragonfly balloon basket kite umbrella airplane plane helicopter parachute mushroom apple pear
banana cherry grape strawberry lemon melon watermelon pineapple carrot pumpkin tomato corn bread cake cupcake
cookie candy lollipop donut pizza burger cheese sandwich ice cup mug bottle glass bowl plate spoon fork knife
teapot candle fire flame smoke book pen pencil brush paper letter envelope box gift present bag key lock clock
watch bell drum guitar piano violin trumpet phone camera computer screen television chair table bed sofa shelf
mirror picture frame carpet curtain stairs ladder hammer saw axe shovel bucket broom snowman ghost witch wizard
monster skull knight king queen princess pirate clown angel fairy mermaid man woman boy girl child baby person
people family hand finger foot sword shield treasure chest coin gem crystal doll toy bear teddy block puzzle
dice card sail background foreground scene landscape portrait view day night morning noon afternoon evening dusk
dawn sunset sunrise twilight midnight spring summer autumn fall winter christmas halloween easter season time
light shadow reflection snow
"""
_STYLE = """
photo photograph picture image drawing painting illustration sketch pencil pixel art neon watercolor watercolour
oil ink crayon chalk charcoal line cartoon comic anime flat vector icon logo sticker mosaic stained glass paper
cut cutout poster print stamp blueprint silhouette outline style pastel retro vintage glowing glow blurry
blurred sharp detailed high quality best masterpiece clean clear minimal minimalist abstract realistic render
low poly bad worst ugly noisy grainy texture pattern gradient hd as like look made drawn painted
"""


def words() -> list[str]:
    """Return all words once, sorted, including the plurals of nouns."""
    nouns = _NOUNS.split()
    known = set(_FUNCTION.split() + _COLORS.split() + _SIZES.split() + nouns + _STYLE.split())
    return sorted(known | {plural(noun) for noun in nouns} | {"leaves", "loaves", "men", "women", "children", "mice"})
