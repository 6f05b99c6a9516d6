"""The server of the site: `python -m config.serving`.

Three kinds of processes. The *master* (`master.py`) holds the listening socket and the process id that others
know; it imports neither Django nor the application. A *generation* (`generation.py`) imports the application
once and forks the *workers* (`worker.py`), which serve with uvicorn on the inherited socket. A worker that
dies is forked again, without an import; a reload is a new generation beside the old one.
"""
