"""Make prompts from a template with alternatives and wildcards."""

from __future__ import annotations

from invocations.dynamic.expand import MAX_PROMPTS
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation


class PromptsOutput(Output):
    """The output of `dynamic`."""

    collection: list[str] = output_field(primary=True, description="the prompts, in order")


@invocation(
    "dynamic",
    title="Dynamic prompts",
    category="text",
    tags=("template", "alternatives", "wildcards", "prompts", "random"),
    examples=(
        'dynamic "a {red|blue} {house|boat}" | join ", "',
        'dynamic "a {red|blue|green} house" --random --count 2 --seed 7 | join ", "',
    ),
    roles=("expands",),
    reusable=False,  # the wildcard files that a template reads are only known while it is expanded
    output_value="invocations.dynamic.known:of_dynamic",
)
class Dynamic(Invocation):
    """Expand a template to all of its prompts, or to random ones.

    `{red|blue}` stands for one of the alternatives and `__animal__` for a line of the wildcard file `animal.txt`; see
    `help wildcards`. To use a template in the prompt of one stage only, the option `--dynamic` is shorter.
    """

    template: str = input_field(
        primary=True,
        position=1,
        precheck="invocations.dynamic.known:expandable",
        description="template, such as 'a {red|blue} __animal__'",
    )
    random: bool = input_field(default=False, description="draw random prompts, which may repeat")
    count: int | None = input_field(
        default=None, ge=1, le=MAX_PROMPTS, description="number of prompts (default: all, or 1 if they are random)"
    )
    seed: int | None = input_field(
        default=None, seed=True, ge=0, description="random seed; the same seed always draws the same prompts"
    )
    wildcards: list[str] = input_field(
        default=[],
        completes="wildcards",
        description="folders of wildcard files, searched before those of the setting `wildcards_dirs`",
    )

    def invoke(self, context: InvocationContext) -> PromptsOutput:
        from invocations.dynamic.errors import DynamicError
        from invocations.dynamic.expand import expanded
        from invocations.dynamic.known import unusable
        from invocations.dynamic.wildcards import NO_WILDCARDS, Wildcards

        wildcards = Wildcards(context.files.wildcard_folders(self.wildcards))
        seed = context.seed if self.seed is None else self.seed
        try:
            prompts = expanded(self.template, wildcards, count=self.count, is_random=self.random, seed=seed)
        except DynamicError as error:
            raise unusable("template", error) from error
        if self.wildcards and not wildcards.are_used:
            context.warn(NO_WILDCARDS.format("template"))
        return PromptsOutput(collection=prompts)
