"""Tasks, hours, busy times and the moment -> Plan. Pure."""
