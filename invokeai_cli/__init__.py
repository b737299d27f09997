"""The terminal: everything the user types or sees; imports `workflows` and `invocations`, never `core`."""
