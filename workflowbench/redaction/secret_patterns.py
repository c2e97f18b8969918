"""Secrets that their own form gives away: keys and tokens with known prefixes, webhooks, private keys.

Most patterns are those of detect-secrets' token plugins. Its entropy plugins are left out, since a
shortcut is full of UUIDs, and so are plugins whose patterns are plain hexadecimal numbers.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import ascii_letters, digits

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from workflowbench.redaction.marks import Mark, holds_any


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """A pattern of one kind of secret.

    Attributes:
        name: Kind of secret, a short stable name.
        marks: One of them is in every text, in lower case, that holds such a secret.
        pattern: The secret is its first group, or the whole match if it has no group.
        is_certain: True if the form alone makes it a secret: it closes the release gate.
        is_word: True if a match inside a longer word, such as encoded data, is none.
    """

    name: str
    marks: tuple[Mark, ...]
    pattern: re.Pattern[str]
    is_certain: bool = True
    is_word: bool = False

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of each secret in a text."""
        for match in self.pattern.finditer(text):
            if not self.is_word or _is_word(text, match.start(), match.end()):
                yield match.span(1 if self.pattern.groups else 0)


def _is_word(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start] not in _WORD and text[end : end + 1] not in _WORD | _PADDING


_WORD = frozenset(ascii_letters + digits + "+_")
_PADDING = frozenset("=")


def _any(patterns: Iterable[re.Pattern[str]]) -> re.Pattern[str]:
    """One pattern for several that have no flags."""
    return re.compile("|".join(pattern.pattern for pattern in patterns))


def _own(name: str, marks: tuple[Mark, ...], pattern: str, *, is_certain: bool = True) -> SecretPattern:
    return SecretPattern(name, marks, re.compile(pattern), is_certain)


def _plugin(name: str, marks: tuple[Mark, ...], *patterns: re.Pattern[str]) -> list[SecretPattern]:
    """Patterns of detect-secrets; their groups enclose no secret."""
    whole = [re.compile(f"({pattern.pattern})", pattern.flags) for pattern in patterns]
    return [SecretPattern(name, marks, pattern, is_word=True) for pattern in whole]


_AWS_IDS = ("a3t", "abia", "acca", "akia", "asia")
_GITHUB = (re.compile("gh[pousr]_"),)
_GITLAB = ("gr1348941", re.compile("gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent)-"))
_SLACK = ("xox", "hooks.slack.com/services/")
_PRIVATE_KEY = (
    r"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:(?!-----)[\w+/=\s\\:,.-])*"
    r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)?)"
)

PATTERNS: tuple[SecretPattern, ...] = (
    _own("private_key", ("private key",), _PRIVATE_KEY),
    *_plugin("aws", _AWS_IDS, *AWSKeyDetector.denylist[:1]),
    *_plugin("azure_storage", ("accountkey=",), *AzureStorageKeyDetector.denylist),
    *_plugin("discord", (re.compile(r"\.[\w-]{6}\.[\w-]{27}"),), *DiscordBotTokenDetector.denylist),
    *_plugin("github", _GITHUB, *GitHubTokenDetector.denylist),
    _own("github", ("github_pat_",), r"(?<!\w)github_pat_\w{22,255}"),
    *_plugin("gitlab", _GITLAB, _any(GitLabTokenDetector.denylist)),
    _own("google", ("aiza",), r"(?<![\w-])AIza[\w-]{35}(?![\w-])"),
    _own("google_oauth", ("ya29.",), r"(?<![\w-])ya29\.[\w-]{20,}"),
    _own("huggingface", ("hf_",), r"(?<!\w)hf_[A-Za-z0-9]{34}(?!\w)"),
    _own("jwt", ("eyj",), r"(?<![\w-])eyJ[\w-]{8,}={0,2}\.eyJ[\w-]{8,}={0,2}\.[\w-]*"),
    *_plugin("mailchimp", (re.compile(r"-us\d"),), *MailchimpDetector.denylist),
    _own("npm", (":_authtoken=",), r":_authToken=\s*([\w-]{20,})"),
    _own("npm", ("npm_",), r"(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)"),
    _own("openai", ("sk-",), r"(?<![\w-])sk-(?:ant-|proj-|svcacct-|or-)?(?=[\w-]*\d)[\w-]{32,}"),
    *_plugin("pypi", ("pypi-age",), *PypiTokenDetector.denylist),
    *_plugin("sendgrid", ("sg.",), *SendGridDetector.denylist),
    *_plugin("slack", _SLACK, *SlackDetector.denylist),
    _own("slack", ("xapp-",), r"(?<!\w)xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]+"),
    *_plugin("square", ("sq0csp-",), *SquareOAuthDetector.denylist),
    _own("stripe", ("k_live_", "k_test_"), r"(?<![A-Za-z0-9])[rs]k_(?:live|test)_[0-9a-zA-Z]{24,}"),
    *_plugin("telegram", (":aa",), *TelegramBotTokenDetector.denylist),
    *_plugin("twilio", ("ac", "sk"), *TwilioKeyDetector.denylist),
    _own("discord_webhook", ("/api/webhooks/",), r"discord(?:app)?\.com/api/webhooks/(\d+/[\w-]{30,})"),
    _own("ifttt_webhook", ("/with/key/",), r"/with/key/([\w-]{8,})", is_certain=False),
    _own("home_assistant_webhook", ("/api/webhook/",), r"/api/webhook/([\w-]{8,})", is_certain=False),
    _own("pushcut", ("api.pushcut.io/",), r"api\.pushcut\.io/([\w-]{12,})", is_certain=False),
    _own("telegram", ("/bot",), r"/bot(\d{6,12}:[\w-]{30,})"),
    _own("bearer", ("bearer ",), r"(?i)\bbearer +([\w.~+/-]{16,}=*)", is_certain=False),
    _own(
        "basic",
        ("basic ",),
        r"(?i)\bbasic +((?=[A-Za-z+/]*\d)[A-Za-z0-9+/]{12,}={0,2})(?!\w)",
        is_certain=False,
    ),
)


def active_patterns(lowered: str) -> list[SecretPattern]:
    """The patterns that can match in a text, given in lower case."""
    return [pattern for pattern in PATTERNS if holds_any(lowered, pattern.marks)]


def high_confidence_secrets(text: str) -> list[str]:
    """Names of the kinds of secrets whose form alone gives them away, in alphabetical order.

    Meant for a release gate: it reports kinds only, never a value. An empty list lets the text pass.
    """
    return sorted(
        {
            pattern.name
            for pattern in active_patterns(text.lower())
            if pattern.is_certain and next(pattern.spans(text), None)
        }
    )
