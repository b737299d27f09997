"""From a line to a plan: nodes, values, links; pure, whole or not at all."""
