"""What every request passes before it is routed: host, origin, token, rate, body; and the headers of answers."""
