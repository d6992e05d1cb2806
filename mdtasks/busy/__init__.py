"""Other people's calendars, read for the times that they take."""
