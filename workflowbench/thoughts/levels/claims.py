"""Rules on what a text may say of a program: no words of code, and nothing that the program lacks.

The rules find what words show: an effect (`sends an email`), a condition, a repetition or a menu that has no
counterpart. They cannot tell whether a sentence with the right words is right.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflowbench.redaction.placeholders import PLACEHOLDER

_CODE_WORD = re.compile(
    r"""
    \b[A-Za-z]\w*_\w+            # snake_case
    | \b\w+\([^)\s]*\)           # a call
    | \bWF[A-Z]\w+               # a parameter key
    | \b(?:ai|app|co|com|de|dev|dk|fr|fyi|io|is|net|org|uk)(?:\.[a-z][\w-]*){2,}   # an identifier
    | \bpython\b | \b(?:def|elif|enumerate)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SUBJECTS = tuple(
    tuple(line.split())
    for line in """
        airdrop
        airplane flight
        alarm
        album playlist song music track artist lyric
        archive zip unzip compress
        barcode qr
        battery charge
        bluetooth
        brightness
        calendar event appointment meeting
        facetime
        camera photo picture image screenshot wallpaper selfie
        clipboard pasteboard paste
        contact
        dictate dictation speech speak spoken voice siri pronounce
        dropbox
        email mail
        encrypt decrypt
        evernote
        flashlight torch
        game
        health workout calorie heartrate
        location map direction coordinate latitude longitude gps distance navigation
        message sms imessage whatsapp telegram
        notification notify alert banner
        password passcode
        pdf
        podcast
        print printer
        reminder todo
        rss feed
        shazam
        spreadsheet
        ssh
        stopwatch timer countdown
        translate translation language
        tweet twitter
        video movie film youtube clip
        vibrate vibration haptic
        volume
        wallet payment
        weather forecast temperature humidity
        wifi wi-fi
    """.strip().split("\n")
)
"""Words for the effects and sources that a text may claim; those of a line stand for one another."""
_SUBJECT_OF = {word: number for number, words in enumerate(_SUBJECTS) for word in words}
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)?")

_CONDITION = re.compile(r"\b(?:if|otherwise|else|unless|whether|depending)\b", re.IGNORECASE)
_REPETITION = re.compile(
    r"\b(?:repeat(?:s|ed|edly|ing)?|loops?|looping|iterat\w+|(?:for|over) (?:each|every))\b", re.IGNORECASE
)
_MENU = re.compile(r"\bmenus?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What there is in a program, or a part of it, to speak of.

    Attributes:
        subjects: Subjects that its words touch, by number.
        has_condition: Whether a statement is a condition or menu, stands in one, or is told as one.
        has_repetition: The same for loops.
        has_menu: The same for menus.

    """

    subjects: frozenset[int]
    has_condition: bool
    has_repetition: bool
    has_menu: bool


def subjects_in(texts: Iterable[str]) -> frozenset[int]:
    """Subjects that code, comments or documentation touch; a part of a word counts, as in `sendmessage`."""
    text = "\n".join(texts).lower()
    return frozenset(number for number, words in enumerate(_SUBJECTS) if any(word in text for word in words))


def tells_condition(text: str) -> bool:
    """Tell whether a text speaks of a condition."""
    return _CONDITION.search(text) is not None


def tells_repetition(text: str) -> bool:
    """Tell whether a text speaks of a repetition."""
    return _REPETITION.search(text) is not None


def tells_menu(text: str) -> bool:
    """Tell whether a text speaks of a menu."""
    return _MENU.search(text) is not None


def code_words(text: str) -> list[str]:
    """Words of a text that belong to code: names, calls, keys and identifiers; placeholders are none."""
    return list(dict.fromkeys(match[0] for match in _CODE_WORD.finditer(PLACEHOLDER.sub("", text))))


def unfounded_claims(text: str, grounds: Grounds) -> list[str]:
    """Words of a text that speak of something that the program lacks."""
    words = _WORD.findall(text.lower())
    claims = [
        word for word in words if (number := _subject(word)) is not None and number not in grounds.subjects
    ]
    for pattern, is_there in (
        (_CONDITION, grounds.has_condition),
        (_REPETITION, grounds.has_repetition),
        (_MENU, grounds.has_menu),
    ):
        if not is_there and (match := pattern.search(text)):
            claims.append(match[0])
    return claims


def prose_fault(texts: Sequence[str], grounds: Grounds) -> str:
    """Say which words may not stand in texts about a program; empty if all may."""
    text = "\n".join(texts)
    faults = []
    if words := code_words(text):
        faults.append(f"names code: {', '.join(words)}")
    if claims := unfounded_claims(text, grounds):
        faults.append(f"speaks of what the workflow lacks: {', '.join(claims)}")
    return "; ".join(faults)


def _subject(word: str) -> int | None:
    """Subject that a word, in the singular or plural, stands for."""
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in _SUBJECT_OF:
            return _SUBJECT_OF[form]
    return None
