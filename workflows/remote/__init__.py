"""Run lines on a server: lines are planned here, their nodes run there, and the results are brought back."""
