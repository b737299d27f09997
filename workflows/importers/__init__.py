"""Convert other tools' metadata to stages of our language, one file per format; whatever is lost is reported.

The input is untrusted: its size is limited and its types are checked. It becomes values in a tree, never text that is
parsed as a line.
"""
