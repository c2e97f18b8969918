"""Pictures in the metadata of assets."""

import base64


def image(png: bytes, description: str) -> str:
    """Return a PNG as a Markdown image that carries its own bytes."""
    return f"![{description}](data:image/png;base64,{base64.b64encode(png).decode()})"
