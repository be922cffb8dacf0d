"""What services stand on: machinery, without a word of CRM in it."""
