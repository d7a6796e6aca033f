"""How a report looks: in a terminal, in files for people, and in files for other tools."""
