"""All invocations, one file per family, found automatically."""
