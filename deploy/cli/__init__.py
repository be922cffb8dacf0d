"""The `crm` command: what operators do from the machine that the suite runs on."""
