"""The plan where other devices can see it: a file in a synced folder, on a web server, in a CalDAV
calendar."""
