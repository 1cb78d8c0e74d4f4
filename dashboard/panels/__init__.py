"""One panel a file. A panel takes the screen and answers of queries, and shows or returns HTML."""
