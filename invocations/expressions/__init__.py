"""Expressions that users write, such as `strength < .6 or seed == 1`: one grammar and one evaluator for all of them."""
