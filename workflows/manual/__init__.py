"""The data of help pages: topics, sections and examples."""
