"""How events reach sockets: in batches, no faster than each client reads, and again after a cut connection."""
