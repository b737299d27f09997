"""Convert other tools' metadata to stages of our language, one file per format; settings that are lost are reported.

The input is untrusted: its size is limited and its types are checked. It becomes values in a tree, never text that is
parsed as a line.
"""
