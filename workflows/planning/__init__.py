"""Tree to plan: which node, which values, which links; pure, whole or nothing."""
