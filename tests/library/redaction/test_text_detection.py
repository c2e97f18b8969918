import json
import re
from base64 import b64encode
from pathlib import Path

import pytest

from workflowbench.redaction.secret_patterns import high_confidence_secrets
from workflowbench.redaction.text_detection import find_spans


def found(text: str) -> list[tuple[str, str]]:
    return [(kind.value, text[start:end]) for start, end, kind in find_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to ada.b+x@mail.byron.org.", [("EMAIL", "ada.b+x@mail.byron.org")]),
        ("mailto:ada%40byron.org?subject=x", [("EMAIL", "ada%40byron.org")]),
        ("https://ada:hush@byron.org/", [("USER", "ada"), ("PASSWORD", "hush")]),
        ("https://a.org/?q=tea&appid=0123456789abcdef", [("KEY", "0123456789abcdef")]),
        ("https://a.org/?access_token=zzzz1111zzzz&x=1", [("KEY", "zzzz1111zzzz")]),
        ('{"password": "s3cret"}', [("PASSWORD", "s3cret")]),
        (r"{\"api_key\": \"abcd1234efgh\"}", [("KEY", "abcd1234efgh")]),
        ("call +44 20 7946 0958 now", [("PHONE", "+44 20 7946 0958")]),
        ("call (650) 253-0000 now", [("PHONE", "(650) 253-0000")]),
        ("sms:5550100", [("PHONE", "5550100")]),
        ("http://81.2.69.160:8080/", [("IP", "81.2.69.160")]),
        ("ping 2a00:1450:4001:81b::200e", [("IP", "2a00:1450:4001:81b::200e")]),
        ("maps://?ll=48.13712,11.57542", [("LOCATION", "48.13712,11.57542")]),
        ("/Users/ada/Desktop", [("USER", "ada")]),
    ],
)
def test_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:a/b.git",
        "someone@example.com",
        "icon@2x.png",
        "[A-Z0-9._%+-]+@[A-Z0-9.-]+",
        "http://192.168.1.20/ and 127.0.0.1 and 8.8.8.8",
        "Chrome/91.0.4472.124 Safari/537.36",
        "version 2.10.3.41",
        "https://a.org/?token=YOUR_TOKEN_1",
        "const password = readPassword();",
        "12345678901234567890",
        "12:34:56",
        '{"key": "name"}',
        "<EMAIL_1> ?key=<KEY_1>&token=\ufffc",
    ],
)
def test_not_found(text: str) -> None:
    assert found(text) == []


def _jwt() -> str:
    parts = [
        b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "HS256"}, {"sub": "12345"})
    ]
    return ".".join([*parts, "c2lnbmF0dXJlMTIz"])


SECRETS = {
    "aws": "AKIA" + "QYLPMN5HHHFPZAM2",
    "github": "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8",
    "google": "AIza" + "x1" * 17 + "y",
    "jwt": _jwt(),
    "openai": "sk-proj-" + "a1B2c3D4" * 6,
    "private_key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIabc+/=\n-----END RSA PRIVATE KEY-----",
    "slack": "xoxb-" + "123456789012-abcdefABCDEF",
    "stripe": "sk_live_" + "a1B2c3D4e5F6g7H8i9J0k1L2",
    "telegram": "123456789:" + "AA" + "x1y2z" * 6 + "abc",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_secret_is_known_by_its_form(kind: str) -> None:
    assert high_confidence_secrets(f"x = '{SECRETS[kind]}'\n") == [kind]
    assert found(f"see {SECRETS[kind]} there") == [("KEY", SECRETS[kind])]


@pytest.mark.parametrize("kind", SECRETS)
def test_secret_behind_an_equals_sign_is_found(kind: str) -> None:
    url = f"https://byron.org/?x={SECRETS[kind]}&y=2"
    assert high_confidence_secrets(url) == [kind]
    assert ("KEY", SECRETS[kind]) in found(url)


def test_plain_code_holds_no_secret() -> None:
    assert high_confidence_secrets("key = '''token'''  # 6F9619FF-8B86-D011-B42D-00C04FC964FF") == []


def test_a_key_within_encoded_data_is_none() -> None:
    assert high_confidence_secrets("Zm9v" + SECRETS["aws"] + "YmFy") == []


def test_the_published_samples_lose_their_mailboxes(shared: Path) -> None:
    samples = json.loads((shared / "data" / "data_samples.json").read_text())
    kinds = [{kind for kind, _ in found(sample["annotated_code"])} for sample in samples]
    assert sum("EMAIL" in some for some in kinds) == 3


def test_long_hostile_texts_take_linear_time() -> None:
    for text in (
        "a" * 200_000,
        "@" * 100_000,
        "key" * 60_000 + "=",
        "+1" * 80_000,
        "1." * 80_000,
        "BEGIN " * 30_000,
    ):
        assert not any(re.search("EMAIL|IP", kind) for kind, _ in found(text))
