"""The papers of the project, and what generates those that are generated."""
