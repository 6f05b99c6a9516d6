"""The stages on which these tests play."""

from tests.stage import *  # noqa: F403  # the fixtures, all of them
