"""What an LZFSE stream will do, proven before the decoder in C is given the stream.

The decoder's binding takes no limit: it doubles its buffer until the stream ends. The sizes in the block
headers do not bind it either, since a `bvx2` block expands to whatever its matches say: 160,000 bytes
for 140, or 23 MB for 14 KB. This walk therefore decodes the matches themselves (not the literals), which
gives the exact size, and checks what the decoder trusts: frequency tables that fill their states,
distances that stay within the output, literals that exist, bits that are there.

Blocks, after Apple's lzfse_internal.h: `bvx-` raw, `bvxn` LZVN (its decoder stops at the size in the
header), `bvx2` LZFSE, `bvx$` the end. `bvx1`, which no encoder writes, is refused.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from workflowbench.shortcuts.rejection import RejectedShortcut

MOST_MATCHES = 1_000_000
MATCHES_PER_BLOCK, LITERALS_PER_BLOCK = 10_000, 40_000
# A block ends only when it is full of matches of 3 bytes or of literals, or the content ends.
SMALLEST_FULL_BLOCK = 1 << 14
RAW_HEADER = struct.Struct("<4sI")
LZVN_HEADER = struct.Struct("<4sII")
LZFSE_HEADER = struct.Struct("<4sIQQQ")

# The four tables of a bvx2 block: literal lengths, match lengths, distances, literals.
TABLE_SYMBOLS = (20, 20, 64, 256)
TABLE_STATES = (64, 64, 256, 1024)
# The bits of a value beyond those of its symbol; 54 is the most that one match takes with its states.
EXTRA_BITS = (
    (0,) * 16 + (2, 3, 5, 8),
    (0,) * 16 + (3, 5, 8, 11),
    tuple(symbol // 4 for symbol in range(64)),
)
WINDOW_BITS = 54

# Frequencies are written with a prefix code over their five lowest bits: bits to take, value.
FREQUENCY_BITS = (2, 3, 2, 5, 2, 3, 2, 8, 2, 3, 2, 5, 2, 3, 2, 14) * 2
FREQUENCY_VALUES = (
    0, 2, 1, 4, 0, 3, 1, 0, 0, 2, 1, 5, 0, 3, 1, 0,
    0, 2, 1, 6, 0, 3, 1, 0, 0, 2, 1, 7, 0, 3, 1, 0,
)  # fmt: skip

State = tuple[int, int, int, int, int, int]


@dataclass(slots=True)
class MatchBudget:
    """How many matches an archive may still hold: their decoding here takes about 1 us each."""

    left: int = MOST_MATCHES

    def take(self, count: int) -> None:
        """Use some of the budget up, or refuse."""
        self.left -= count
        if self.left < 0:
            raise RejectedShortcut(
                "archive_too_large",
                "the archive holds more LZFSE matches than any real shortcut; drop the file",
                threshold=MOST_MATCHES,
                observed=MOST_MATCHES - self.left,
            )


def check_lzfse(stream: bytes, size: int, budget: MatchBudget) -> None:
    """Prove that a stream is well-formed and decodes to exactly `size` bytes.

    Raises:
        RejectedShortcut: `damaged_archive`, or `archive_too_large` if the budget does not suffice.

    """
    try:
        _walk_blocks(stream, size, budget)
    except (ValueError, struct.error) as error:
        raise _damaged("a block with too few bits") from error


def _damaged(what: str) -> RejectedShortcut:
    return RejectedShortcut("damaged_archive", f"LZFSE stream: {what}; fetch the file again")


def _walk_blocks(stream: bytes, size: int, budget: MatchBudget) -> None:
    place = produced = blocks = 0
    while (magic := stream[place : place + 4]) != b"bvx$":
        if magic == b"bvx-":
            _, raw = RAW_HEADER.unpack_from(stream, place)
            place += RAW_HEADER.size + raw
        elif magic == b"bvxn":
            _, raw, payload = LZVN_HEADER.unpack_from(stream, place)
            place += LZVN_HEADER.size + payload
        elif magic == b"bvx2":
            block = _Block(stream, place)
            budget.take(block.n_matches)
            raw = block.check_matches(produced)
            place += block.size
        else:
            raise _damaged(f"unknown block {magic!r}")
        produced, blocks = produced + raw, blocks + 1
        if raw == 0 or produced > size or blocks > 2 + size // SMALLEST_FULL_BLOCK:
            raise _damaged(f"{blocks} blocks of {produced} bytes for a segment of {size}")
    if produced != size or place + 4 != len(stream):
        raise _damaged(f"{produced} bytes for a segment of {size}")


class _Block:
    """One `bvx2` block: the fields of its packed header and its tables."""

    def __init__(self, stream: bytes, place: int) -> None:
        _, self.raw, *words = LZFSE_HEADER.unpack_from(stream, place)
        self.n_literals = words[0] & 0xFFFFF
        literal_size = words[0] >> 20 & 0xFFFFF
        self.n_matches = words[0] >> 40 & 0xFFFFF
        match_size = words[1] >> 40 & 0xFFFFF
        self.match_bits = 8 * match_size + (words[1] >> 60 & 7) - 7
        header_size = words[2] & 0xFFFFFFFF
        self.states = words[2] >> 32 & 0x3FF, words[2] >> 42 & 0x3FF, words[2] >> 52 & 0x3FF
        self.size = header_size + literal_size + match_size
        if self.n_matches > MATCHES_PER_BLOCK or self.n_literals > LITERALS_PER_BLOCK:
            raise _damaged("a block of too many matches or literals")
        if place + self.size > len(stream) or header_size < LZFSE_HEADER.size:
            raise _damaged("a block that runs past the end")
        self.tables = _frequencies(stream[place + LZFSE_HEADER.size : place + header_size])
        self.matches = stream[place + self.size - match_size : place + self.size]

    def check_matches(self, produced: int) -> int:
        """Decode the lengths and distances of every match.

        The bits are read from the end of the payload to its start, at most 54 for a match. When they run
        out, the shift by a negative number raises ValueError.

        Args:
            produced: Bytes of output before this block, which a match may repeat.

        Returns:
            The size of the block's output, which is also the size in its header.

        """
        (length_table, match_table, distance_table), payload = self._value_tables(), self.matches
        length_state, match_state, distance_state = self.states
        left, literals, distance, start = self.match_bits, 0, 0, produced
        if left < 0 or int.from_bytes(payload[-1:], "little") >> (left - 1) % 8 + 1:
            raise _damaged("a block whose last byte has stray bits")
        for _ in range(self.n_matches):
            low = max(left - WINDOW_BITS, 0)
            window = int.from_bytes(payload[low >> 3 : left + 7 >> 3], "little") >> (low & 7)
            left -= low

            bits, mask, shift, rest, base, delta = length_table[length_state]
            left -= bits
            chunk = window >> left & mask
            length_state, length = delta + (chunk >> shift), base + (chunk & rest)

            bits, mask, shift, rest, base, delta = match_table[match_state]
            left -= bits
            chunk = window >> left & mask
            match_state, match = delta + (chunk >> shift), base + (chunk & rest)

            bits, mask, shift, rest, base, delta = distance_table[distance_state]
            left -= bits
            chunk = window >> left & mask
            distance_state, distance = delta + (chunk >> shift), base + (chunk & rest) or distance

            left += low
            literals += length
            if not 0 < distance <= produced + length:
                raise _damaged("a match before the start of the output")
            produced += length + match
        if literals > self.n_literals or produced - start != self.raw:
            raise _damaged(f"a block of {produced - start} bytes that claims {self.raw}")
        return int(self.raw)

    def _value_tables(self) -> list[list[State]]:
        *tables, literals = self.tables
        if self.n_literals and sum(literals) != TABLE_STATES[3]:
            raise _damaged("a literal table that does not fill its states")
        if any(state >= states for state, states in zip(self.states, TABLE_STATES, strict=False)):
            raise _damaged("a first state beyond its table")
        return [
            _value_table(frequencies, states, extra_bits)
            for frequencies, states, extra_bits in zip(tables, TABLE_STATES, EXTRA_BITS, strict=False)
        ]


def _frequencies(header: bytes) -> list[list[int]]:
    """Decode the frequencies of the four tables, a prefix code read from the lowest bit on."""
    bits, left = int.from_bytes(header, "little"), 8 * len(header)
    values = []
    for _ in range(sum(TABLE_SYMBOLS)):
        size = FREQUENCY_BITS[bits & 31]
        value = FREQUENCY_VALUES[bits & 31]
        if size == 8:
            value = 8 + (bits >> 4 & 0xF)
        elif size == 14:
            value = 24 + (bits >> 4 & 0x3FF)
        values.append(value)
        bits, left = bits >> size, left - size
    if not 0 <= left < 8:
        raise _damaged("a block header of the wrong size")
    ends = list(accumulate(TABLE_SYMBOLS, initial=0))
    return [values[start:end] for start, end in pairwise(ends)]


def _value_table(frequencies: Sequence[int], states: int, extra_bits: Sequence[int]) -> list[State]:
    """Build the decoding table of one kind of value: a finite-state entropy code, as lzfse_fse.c has it."""
    if sum(frequencies) != states:
        raise _damaged("a table that does not fill its states")
    table: list[State] = []
    bases = accumulate((1 << extra for extra in extra_bits), initial=0)
    for frequency, extra, base in zip(frequencies, extra_bits, bases, strict=False):
        if not frequency:
            continue
        shift = states.bit_length() - frequency.bit_length()
        turn = (2 * states >> shift) - frequency
        for place in range(frequency):
            if place < turn:
                bits, delta = shift, (frequency + place << shift) - states
            else:
                bits, delta = shift - 1, place - turn << shift - 1
            table.append((bits + extra, (1 << bits + extra) - 1, extra, (1 << extra) - 1, base, delta))
    return table
