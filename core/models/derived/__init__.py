"""The settings of networks, derived from the names and shapes of their tensors. Does not import torch."""
