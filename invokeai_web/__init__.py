"""The web server: an HTTP API and Socket.IO; imports `workflows` and `invocations`, never `core` or `invokeai_cli`."""
