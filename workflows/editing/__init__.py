"""What an editor of lines needs, as data: check, complete, explain and change a line; a line for a graph or metadata.

The functions are pure: they plan, but run nothing, and the text stays with the caller. Places in a text are counted in
characters (Unicode code points).
"""
