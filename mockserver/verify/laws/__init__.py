"""What holds of any API whose contract draws collections, asked of a server that nobody wrote rules for."""
