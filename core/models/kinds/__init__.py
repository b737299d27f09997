"""Rules, as data, that say what a model is: which kind, which family, which variant, and why."""
