"""Run the master until SIGINT or SIGTERM."""

import sys

from config.serving import master

sys.exit(master.main(sys.argv[1:]))
