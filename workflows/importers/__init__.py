"""Convert other tools' metadata to stages of our language: one file per format, pure; losses are reported.

The input is untrusted: its size is limited, its types are checked, and it becomes values in a tree, never the text of a
line.
"""
