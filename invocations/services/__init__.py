"""What a node may ask of the world: each service an abstract class (base.py) with a light local implementation (local.py)."""
