"""The OpenAPI document, made from the routes and the metadata of all nodes."""
