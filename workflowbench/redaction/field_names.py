"""Names that tell what a value is: parameter keys, HTTP headers, query items and dictionary keys."""

import re
from functools import lru_cache

from workflowbench.redaction.placeholders import Kind

PARAMETERS = {
    "WFEmailAccountActionSelectedAccount": Kind.EMAIL,
    "WFEmailAddress": Kind.EMAIL,
    "WFSendEmailActionFrom": Kind.EMAIL,
    "WFSendEmailActionToRecipients": Kind.PERSON,
    "WFSendEmailActionCcRecipients": Kind.PERSON,
    "WFSendEmailActionBccRecipients": Kind.PERSON,
    "WFSendMessageActionRecipients": Kind.PERSON,
    "WFVenmoActionRecipients": Kind.PERSON,
    "WFCallContact": Kind.PERSON,
    "WFFaceTimeContact": Kind.PERSON,
    "WFAlertPerson": Kind.PERSON,
    "WFSelectedContacts": Kind.PERSON,
    "WFContact": Kind.PERSON,
    "WFContactFieldValue": Kind.PERSON,
    "WFContactFieldValues": Kind.PERSON,
    "WFContactFirstName": Kind.PERSON,
    "WFContactLastName": Kind.PERSON,
    "WFContactEmails": Kind.EMAIL,
    "WFContactPhoneNumbers": Kind.PHONE,
    "WFPhoneNumber": Kind.PHONE,
    "link.contentkit.emailaddress": Kind.EMAIL,
    "link.contentkit.phonenumber": Kind.PHONE,
    "link.contentkit.contact": Kind.PERSON,
    "WFSSHHost": Kind.HOST,
    "WFSSHUser": Kind.USER,
    "WFSSHPassword": Kind.PASSWORD,
    "WFSSHKey": Kind.KEY,
    "WFLocation": Kind.ADDRESS,
    "WFAlertLocation": Kind.ADDRESS,
    "WFCalendarItemLocation": Kind.ADDRESS,
    "WFGetDirectionsCustomLocation": Kind.ADDRESS,
    "WFGetHalfwayPointFirstLocation": Kind.ADDRESS,
    "WFGetHalfwayPointSecondLocation": Kind.ADDRESS,
    "WFStreetAddress": Kind.ADDRESS,
    "WFWeatherCustomLocation": Kind.ADDRESS,
    "DropOffLocation": Kind.ADDRESS,
    "PickUpLocation": Kind.ADDRESS,
    "addressDictionary": Kind.ADDRESS,
    "placemark": Kind.ADDRESS,
    "UserActivityData": Kind.DATA,
}
"""Parameters (and keys inside them) whose every text is personal: Apple's keys, and the kind of the value."""

COMMENT_TEXT = "WFCommentActionText"
"""Text of a comment, where authors name themselves and others."""

COORDINATES = frozenset({"latitude", "longitude"})
"""Keys of numbers in a place (`CLLocation`)."""

CONSTANTS = frozenset({"Ask Each Time", "Current Location"})
"""Choices that Shortcuts itself offers where a contact or a place is expected."""

_PASSWORDS = ("password", "passwd", "passphrase", "passcode", "pwd")
_KEYS = (
    "apikey",
    "xapikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "subscriptionkey",
    "ocpapimsubscriptionkey",
    "appkey",
    "appsecret",
    "clientsecret",
    "accesstoken",
    "authtoken",
    "xauthtoken",
    "bearertoken",
    "refreshtoken",
    "sessiontoken",
    "apitoken",
    "idtoken",
    "authorization",
    "proxyauthorization",
    "cookie",
    "setcookie",
    "xcsrftoken",
)
_AMBIGUOUS = ("appid", "auth", "key", "secret", "session", "sessionid", "sig", "signature", "token")

_SEPARATORS = re.compile(r"[\s_.-]+")
_BLANK = re.compile(
    r"(?i)your|insert|paste|enter|replace|example|sample|dummy|change|here|todo|x{3}|\*{3}|\.{3}"
    r"|^(?:true|false|null|none|undefined|string|nan)$"
)
_PROMPT = re.compile(
    r"(?i)\b(?:(password|passwort|passphrase|passcode)"
    r"|(?:api|access|secret|app)[ _-]?(?:key|token|id)|token)\b"
)
_ADDRESS_OR_BLANK = re.compile(r"\s|^[A-Za-z][\w+.-]*:(?://|[\w-]+=)")
_WHOLE_HEADERS = frozenset({"authorization", "proxyauthorization", "cookie", "setcookie"})
_WORDS = re.compile(r"[A-Za-z]+(?:[_-][A-Za-z]+)*")
MIN_KEY_CHARS = 8
_MAX_NAME_CHARS = 40


@lru_cache(maxsize=1 << 16)
def secret_kind(name: str) -> Kind | None:
    """KEY or PASSWORD if a header, query item or dictionary key of this name holds a secret, else None."""
    bare = squeezed(name)
    if bare.endswith(_PASSWORDS):
        return Kind.PASSWORD
    return Kind.KEY if bare.endswith(_KEYS) or bare in _AMBIGUOUS else None


@lru_cache(maxsize=1 << 16)
def is_telling(text: str) -> bool:
    """True for a name after which values must be looked at, whatever their form."""
    if len(text) > _MAX_NAME_CHARS:
        return False
    return text in PARAMETERS or text in COORDINATES or secret_kind(text) is not None


def squeezed(name: str) -> str:
    """A name in lower case without separators: `X-Api-Key` is `xapikey`."""
    return _SEPARATORS.sub("", name).lower()


def prompt_kind(text: str) -> Kind | None:
    """KEY or PASSWORD if a question to the user, in words, asks for a secret, else None."""
    match = _PROMPT.search(text)
    if match is None:
        return None
    return Kind.PASSWORD if match[1] else Kind.KEY


def is_secret(name: str, value: str) -> bool:
    """True if the value under a name for which `secret_kind` gives a kind can be a secret.

    A hint to fill something in, or a bare word under a name for keys, is none.
    """
    if not value or not any(char.isalnum() for char in value) or _BLANK.search(value):
        return False
    if squeezed(name) in _WHOLE_HEADERS:
        return len(value) >= MIN_KEY_CHARS
    if secret_kind(name) is Kind.PASSWORD:
        return _ADDRESS_OR_BLANK.search(value) is None and value.lower() not in _PASSWORDS
    return looks_like_key(value)


def looks_like_key(value: str) -> bool:
    """True for text without blanks, of at least eight characters, that is no plain word or code name."""
    if len(value) < MIN_KEY_CHARS or any(char.isspace() for char in value):
        return False
    return any(char.isdigit() for char in value) or (len(value) >= 20 and not _WORDS.fullmatch(value))
