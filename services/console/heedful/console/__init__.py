"""console: the pages that people look at. It works only through the HTTP APIs of the services."""
