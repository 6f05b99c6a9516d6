"""A file of papers that opens without the system: a folder, or a ZIP of it, with an index in both languages.

- index.html, the index (卷内目录) for a browser, in Chinese and English
- index.json, the same for programs
- SHA256SUMS, the checksum of every other file, as `sha256sum --check` reads it
- the papers, PDFs and JSON, below folders of their own
"""
