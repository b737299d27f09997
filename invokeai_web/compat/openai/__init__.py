"""OpenAI's image API: generations, edits and the list of models."""
