"""Archives that were brought back with `import_archive`, for head office and auditors, read-only."""
