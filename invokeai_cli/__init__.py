"""The terminal: all that the user types or sees; imports `invocations`, never `core`."""
