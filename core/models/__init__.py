"""Models: found on this machine, described without torch, loaded part by part."""
