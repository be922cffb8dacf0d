"""Activities: recorded touches, follow-ups, reminders."""
