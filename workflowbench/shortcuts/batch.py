"""Transcribes many shortcuts, in several processes; one bad file costs its own row and nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflowbench.shortcuts.process_pool import Refused, refusal_of, work_on_all
from workflowbench.shortcuts.reading import ShortcutFile, read_shortcut
from workflowbench.shortcuts.transcription import Transcription, transcribe

__all__ = ["Outcome", "Payload", "Refused", "Transcribed", "encodable", "read_payload", "transcribe_payload"]


@dataclass(frozen=True, slots=True)
class Transcribed:
    """A transcription, who signed the file (`none`, `icloud`, `contact`), and its id if iCloud did."""

    transcription: Transcription
    signed_by: str
    icloud_id: str | None = None


Outcome = Transcribed | Refused
Payload = bytes | Path
"""A file's bytes, or where to read them."""


def read_payload(payload: Payload) -> ShortcutFile:
    """Read one shortcut; raises `RejectedShortcut` or `OSError`."""
    return read_shortcut(payload.read_bytes() if isinstance(payload, Path) else payload)


def transcribe_payload(payload: Payload) -> Outcome:
    """Read and transcribe one shortcut; every fault of the file, or of this code, becomes a `Refused`."""
    try:
        file = read_payload(payload)
        return Transcribed(transcribe(file.workflow), file.signed_by, file.icloud_id)
    except Exception as error:
        return refusal_of(error)


def transcribe_payloads(
    payloads: Sequence[Payload], *, workers: int | None = None
) -> Iterator[tuple[int, Outcome]]:
    """Transcribe shortcuts; yields index and outcome as they are done, in no fixed order.

    Args:
        payloads: The files.
        workers: Processes to use; by default one per core, and none for a few files.
    """
    yield from work_on_all(payloads, transcribe_payload, workers=workers)


def encodable(text: str) -> str:
    r"""The text with lone surrogates, which no UTF-8 file can hold, written as `\\udc00`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
