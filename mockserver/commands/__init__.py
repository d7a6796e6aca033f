"""One module a command, imported when that command is called: `serve` never pays for what `verify` needs."""
