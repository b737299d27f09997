"""OTHER TOOLS' METADATA -> STEPS OF OUR LANGUAGE: one file per format, pure; what does not map is said, never guessed.

What is read here is data from strangers: it is limited in size, never trusted for its types, and becomes values of a
tree, never text of a line.
"""
