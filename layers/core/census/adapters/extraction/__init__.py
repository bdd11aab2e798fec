"""What runs in the child process: tells the type of a file by its content and takes out the text.

To add a format, write one module with `extract(source: SourceFile) -> ExtractedText` and give it a row in
`formats.py`.
"""
