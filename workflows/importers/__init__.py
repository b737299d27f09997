"""OTHER TOOLS' METADATA -> STAGES OF OUR LANGUAGE: one file per format, pure; what does not map is reported.

The input is untrusted: its size is limited, its types are checked, and it becomes values of a tree, never text of a
line.
"""
