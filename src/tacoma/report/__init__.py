"""What a run looks like to people: figures, a page that opens offline, a summary for terminals."""
