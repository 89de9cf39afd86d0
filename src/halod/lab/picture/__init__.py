"""The demo as a picture: one HTML page of its own, with nothing to fetch.

`story.py` is what the page tells, `build.py` makes the page from it. Everything here is a function
of values; who writes the page to a file is `lab/page_file.py`.
"""
