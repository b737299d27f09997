"""The invoke framework: invocations, sessions, services, and the invoker that applications use."""
