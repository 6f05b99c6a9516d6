"""The papers of a meeting that are on file: read, downloaded, printed, as one reading copy and as a ZIP."""
