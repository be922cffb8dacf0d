"""The verbs of the activity service: load, decide, change, publish; a file per subject."""
