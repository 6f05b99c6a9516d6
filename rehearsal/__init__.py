"""Rehearsals: a whole case as a file, played through the engine."""
