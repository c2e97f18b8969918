"""Pictures: bytes that hold nothing to redact, unless they say where they were taken."""

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")
_HEADER_BYTES = 1 << 16
_EXIF = b"Exif\0\0"
_GPS_TAGS = (b"\x88\x25\0\4", b"\x25\x88\4\0")
"""Entry of the GPS directory in a photo's Exif data, of type LONG, in both byte orders."""


def is_picture(data: bytes) -> bool:
    """True for a JPEG, PNG, GIF or TIFF picture."""
    return data.startswith(_PICTURES)


def is_harmless(data: bytes) -> bool:
    """True for bytes that hold nothing to redact unless a parameter says so: pictures without a place."""
    return not data or (is_picture(data) and not _has_place(data))


def _has_place(picture: bytes) -> bool:
    """True for a photo whose Exif data says where it was taken."""
    exif = picture[:_HEADER_BYTES].partition(_EXIF)[2]
    return any(tag in exif for tag in _GPS_TAGS)
