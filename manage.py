#!/usr/bin/env python
"""Run a management command: `manage.py help` lists them, docs/operations.md explains ours."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """The command given on the command line has run."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
