"""The invoke framework: invocations, sessions, services, and the `Invoker`, through which applications use them."""
