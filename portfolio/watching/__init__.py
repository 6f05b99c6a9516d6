"""What each tape sets going: the day's watch, ten days judged, falls of principal, tasks, key households."""

from portfolio.watching.day import judge_day

__all__ = ["judge_day"]
