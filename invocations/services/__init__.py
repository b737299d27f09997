"""What a node may ask of the world: per service an abstract class (base.py) and a local implementation (local.py)."""
