"""What each tape sets going: the day's watch, ten days judged, falls of principal, tasks, key households."""
