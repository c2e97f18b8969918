"""Errors that stop a collection as a whole; a fault of one file only drops that file."""


class SourceError(ValueError):
    """A source that cannot be read at all; the message says what to do about it."""


class ManifestError(SourceError):
    """A manifest that cannot be understood; the message names the file and the line."""
