"""The Model Context Protocol over standard input and output: agents plan and run lines in a workspace of their own."""
