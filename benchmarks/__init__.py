"""Performance claims: each module measures a ratio to a reference that is run in turn with it."""
