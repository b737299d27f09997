"""What a node may ask of the world: each service an abstract class (base.py) and its local implementation (local.py)."""
