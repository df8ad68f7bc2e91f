"""The providers, one folder each: `handlers`, `wire`, `errors`, `access`. Found by name; nothing imports one."""
