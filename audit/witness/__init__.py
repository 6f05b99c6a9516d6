"""Head office's witness of the logs: what it keeps and answers, and how it is served."""
