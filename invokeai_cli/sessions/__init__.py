"""Sessions as a user sees them: listed, shown, gone on with, carried to another machine, removed."""
