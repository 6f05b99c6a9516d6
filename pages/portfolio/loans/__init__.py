"""The list of loans: the non-performing ones first, by principal."""
