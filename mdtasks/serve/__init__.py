"""The feed and the day's page over HTTP.

Rule: a door like the command line. What is served is prepared beside the requests; a request only
looks up, or asks a use case.
"""
