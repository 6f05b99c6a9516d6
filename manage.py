#!/usr/bin/env python
"""Run a management command: `manage.py help` lists them, docs/operations.md explains ours."""

import os
import sys

from django.core.management import execute_from_command_line

from config.database.embedded_postgres import EmbeddedPostgresError


def main() -> None:
    """The command given on the command line has run."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except EmbeddedPostgresError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
