"""The web application: routes, filters in the URL, map layers, panels, and the command line."""
