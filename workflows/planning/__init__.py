"""From a line to a plan: nodes, values, links; pure, and all or nothing."""
