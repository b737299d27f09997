"""Text files and tables that users write: lists of lines, and rows with named values (CSV, TSV, JSON Lines, JSON)."""
