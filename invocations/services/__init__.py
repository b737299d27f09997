"""The services that nodes use: each has an abstract class (base.py) and a local implementation (local.py)."""
