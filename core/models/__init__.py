"""Model folders on this machine: found, probed without torch, loaded part by part."""
