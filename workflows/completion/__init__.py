"""What could be typed at the cursor, and what is wrong with what was typed."""
