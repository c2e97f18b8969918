"""Fetching shared shortcuts from iCloud: record and file in one step, for a file's address expires."""

from dataclasses import dataclass, replace

from workflowbench.collection.blocking import check_not_forbidden
from workflowbench.collection.icloud import (
    Asset,
    ICloudError,
    Record,
    asset_url,
    canonical_link,
    parse_record,
    stored_record,
)
from workflowbench.collection.stages import Answer, Stage
from workflowbench.collection.visiting import Visitor
from workflowbench.shortcuts.certificates import APPLE_ROOTS
from workflowbench.shortcuts.reading import RejectedShortcut, ShortcutFile, read_shortcut

EXPIRED = frozenset({403, 410})
GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A shared shortcut that was fetched: its record, and the bytes of its file."""

    record: Record
    payload: bytes
    answer: Answer


class ICloud:
    """Reads records and files through a visitor.

    Args:
        visitor: Asks and stores.
        records: Stage of records.
        files: Stage of the files that records name.
        root: Address of the site, without final slash.
        cross_check: Also fetch the signed file, and compare it with the unsigned one.
        trusted_roots: SHA-256 fingerprints of the roots that may sign.

    """

    def __init__(
        self,
        visitor: Visitor,
        records: Stage,
        files: Stage,
        root: str,
        *,
        cross_check: bool = False,
        trusted_roots: frozenset[str] = APPLE_ROOTS,
    ) -> None:
        self._visitor = visitor
        self._records = records
        self._files = files
        self._root = root
        self._cross_check = cross_check
        self._trusted_roots = trusted_roots

    def shared_file(self, identifier: str, known_tag: str | None = None) -> SharedFile | None:
        """Fetch a shared shortcut; None if its record still has the change tag `known_tag`.

        The unsigned file is taken, or the signed one where the other is missing or damaged.

        Raises:
            ICloudError: see its rules; `withdrawn` where the record is not there, which may pass.
            FetchError: as `Visitor.visit`.

        """
        record, answer = self._record(identifier)
        if known_tag is not None and record.change_tag == known_tag:
            self._store(identifier, record, answer)
            return None
        try:
            payload = self._payload(record)
        except ICloudError as error:
            if error.rule != "expired_file":
                raise
            record, answer = self._fresh_record(identifier)
            payload = self._payload(record)
        self._store(identifier, record, answer)
        return SharedFile(record, payload, answer)

    def _record(self, identifier: str) -> tuple[Record, Answer]:
        stored = self._visitor.snapshots.find(self._address(identifier))
        if stored is None:
            return self._fresh_record(identifier)
        return self._parsed(stored, identifier), stored

    def _fresh_record(self, identifier: str) -> tuple[Record, Answer]:
        answer = self._visitor.fetch(self._address(identifier), self._records)
        if answer.status in GONE:
            self._visitor.snapshots.store(self._address(identifier), replace(answer, body=b""))
        return self._parsed(answer, identifier), answer

    def _parsed(self, answer: Answer, identifier: str) -> Record:
        if answer.status in GONE:
            raise ICloudError("withdrawn", f"iCloud answered {answer.status}: the shortcut is not there now.")
        check_not_forbidden(answer)
        if answer.status != 200 or answer.leads_to is not None:
            raise ICloudError("not_a_record", f"iCloud answered {answer.status} instead of a record.")
        return parse_record(answer.body, identifier)

    def _store(self, identifier: str, record: Record, answer: Answer) -> None:
        body = stored_record(record)
        if answer.body != body:
            self._visitor.snapshots.store(self._address(identifier), replace(answer, body=body))

    def _payload(self, record: Record) -> bytes:
        if record.shortcut is None:
            return self._signed(record)[0]
        try:
            payload = self._body(record, record.shortcut, "shortcut")
            unsigned = read_shortcut(payload)
        except (ICloudError, RejectedShortcut) as error:
            if record.signed is None or (isinstance(error, ICloudError) and error.rule == "expired_file"):
                raise
            return self._signed(record)[0]
        if self._cross_check and record.signed and self._signed(record)[1].workflow != unsigned.workflow:
            raise ICloudError("files_differ", "The signed and the unsigned file hold different shortcuts.")
        return payload

    def _signed(self, record: Record) -> tuple[bytes, ShortcutFile]:
        assert record.signed is not None
        payload = self._body(record, record.signed, "signed")
        file = read_shortcut(payload, trusted_roots=self._trusted_roots)
        if file.icloud_id != record.icloud_id:
            raise ICloudError("wrong_signer", "The signed file was signed for another shortcut.")
        return payload, file

    def _body(self, record: Record, asset: Asset, kind: str) -> bytes:
        key = f"icloud:{record.icloud_id}:{record.change_tag}:{kind}"
        answer = self._visitor.snapshots.find(key)
        if answer is None:
            if not asset.url:
                raise ICloudError("expired_file", "The file's address was not stored; read the record again.")
            answer = self._visitor.fetch(asset_url(asset), self._files)
            if answer.status in EXPIRED:
                raise ICloudError("expired_file", f"iCloud answered {answer.status}: the address expired.")
            if answer.status != 200 or len(answer.body) != asset.size:
                detail = (
                    f"The file has {len(answer.body)} bytes, status {answer.status}; {asset.size} were due."
                )
                raise ICloudError("wrong_size", detail)
            self._visitor.snapshots.store(key, replace(answer, url=canonical_link(record.icloud_id)))
        return answer.body

    def _address(self, identifier: str) -> str:
        return f"{self._root}/shortcuts/api/records/{identifier}"
