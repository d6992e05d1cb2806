"""The watcher as a service of the system: the file that systemd or launchd starts it by."""
