"""Draw a chart in the terminal as boxes and lines; pure."""
