"""Pages in the shapes that RoutineHub had in 2020, 2022 and 2026; every word of them is our own."""

from collections.abc import Sequence
from typing import Any

FRAME = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>RoutineHub • {title}</title>
<meta name="description" content="{tagline}"></head><body>
<nav class="navbar"><a href="/shortcuts">Shortcuts</a><a href="/category/games/">Games</a></nav>
{body}<footer><p>Made by nobody: for tests</p></footer></body></html>"""

INFORMATION = """<div class="information"><p>Author: <a href="/user/somebody"><strong>@somebody</strong></a>
<p>Version: {version}</p><p>iOS: {ios}</p><p>Updated: {updated}</p><p>Downloads: 12</p>
<p>Categories:</p><ul>{categories}</ul></div>"""

FEEDBACK = """<div class="feedback"><article class="media" data-feedback-id="5"><p>A visitor:
<a href="https://www.icloud.com/shortcuts/ffffffffffffffffffffffffffffffff">mine</a></p></article></div>"""

MODAL = """<div class="modal"><h3 class="title">Membership Required</h3>
<div class="content">To sign this, subscribe.</div></div>"""


def frame(body: str, title: str = "Home", tagline: str = "") -> bytes:
    """The page around a body."""
    return FRAME.format(body=body, title=title, tagline=tagline).encode()


def information(
    version: str = "1.4",
    ios: str = "12",
    updated: str = "05/08/19",
    categories: Sequence[str] = ("Food and Drink", "Utilities"),
) -> str:
    """The list of facts of a shortcut; its first paragraph is never closed, as on the site."""
    items = "".join(f'<li><a href="/category/x{n}/">{name}</a></li>' for n, name in enumerate(categories))
    return INFORMATION.format(version=version, ios=ios, updated=updated, categories=items)


def page_2020(
    name: str = "Boil Tea",
    href: str = "/download/77",
    description: str = "<p>Boils <b>water</b>.</p>",
    **facts: Any,
) -> bytes:
    """A shortcut's page of 2020; `facts` as `information`."""
    body = f"""<div class="shortcut-header"><div class="titles"><h3 class="title is-3">{name}</h3>
    <h4 class="subtitle is-4">For cold days</h4></div></div>
    <div class="actions"><a class="button is-dark" href="{href}">Get Shortcut</a>
    <a class="button is-danger" href="/shortcut/5/report">Report</a></div>
    <div class="heart" data-id="5"><span class="heart-count">3</span></div>{information(**facts)}
    <div class="apps"><div class="column">None</div></div>
    <div class="description"><div class="content">{description}</div></div>
    <div class="latest-release"><p><strong>1.4 - May 8, 2019, 3:54 p.m.</strong></p><p>First</p></div>
    {FEEDBACK}"""
    return frame(body, name, "For cold days")


def page_2022(name: str = "Boil Tea", **parts: Any) -> bytes:
    """A shortcut's page of 2022, with the icon as a style."""
    icon = b'<div class="shortcut-icon s64 ios15 c4274264319 g61508"></div><div class="shortcut-header">'
    return page_2020(name, **parts).replace(b'<div class="shortcut-header">', icon)


def page_2026(
    name: str = "Boil Tea", href: str = "/download/77/?t=eyJ2Ijo3N30:1uAbCd:sig-x_y", **parts: Any
) -> bytes:
    """A shortcut's page of 2026, with a modal before it and a token in its download."""
    own_heading = "<h1>The author's heading</h1><p>Body &amp; soul</p>"
    page = page_2022(name, href=href, description=parts.pop("description", own_heading), **parts)
    return page.replace(b"<nav", MODAL.encode() + b"<nav")


def error_page(what: str, detail: str = "") -> bytes:
    """A page that says what is wrong."""
    body = f'<h3 class="title is-3">Error: {what}</h3><h4 class="subtitle is-4">{detail}</h4>'
    return frame(body, "Error")


NOT_FOUND = error_page("Shortcut not found", "This shortcut does not exist.")
NSFW = error_page("Shortcut is NSFW")


def card(number: int, name: str = "Some", shape: int = 2020) -> str:
    """A shortcut in a list."""
    icon = '<i title="Games"></i>' if shape == 2020 else "<svg><title>Games</title></svg>"
    return f"""<div class="column"><a href="/shortcut/{number}/"><div class="shortcut-card card">
    <p><strong>{name}</strong><br><small>Line</small></p>
    <div class="level-left categories">{icon}</div><div class="level-right"><small>9</small></div>
    </div></a></div>"""


def list_page(*ids: int, page: int = 1, last: int = 1, shape: int = 2020) -> bytes:
    """A page of a list, with its pager."""
    links = "".join(
        f'<li><a class="pagination-link{" is-current" * (n == page)}" href="?page={n}&sort=new">{n}</a></li>'
        for n in sorted({1, page, last})
    )
    pager = f'<nav class="pagination"><ul class="pagination-list">{links}</ul></nav>'
    return frame("".join(card(number, shape=shape) for number in ids) + pager, "Shortcuts")


def changelog(*versions: tuple[int, str]) -> bytes:
    """The page of all versions: version id and the author's name for it."""
    articles = "".join(
        f"""<article class="media"><p><strong>{name}</strong> <small>1 year, 6 months ago</small><br>
        <small>iOS 12</small><br>Notes<br><br><em>197 downloads</em></p>
        <a class="level-item button is-dark" href="/download/{number}">Get</a></article>"""
        for number, name in versions
    )
    heading = '<div class="heading"><h4 class="subtitle is-4">Boil Tea</h4></div>'
    return frame(f'{heading}<div class="versions">{articles}</div>', "Changelog")


def feed(*ids: int, tail: str = "</channel></rss>") -> bytes:
    """The feed of new shortcuts, in the order of `ids`."""
    items = "".join(
        f"""<item><title>Shortcut {n} &amp; more</title><link>https://routinehub.co/shortcut/{n}</link>
        <description>Line {n}</description><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">somebody
        </dc:creator><guid>https://routinehub.co/shortcut/{n}</guid></item>"""
        for n in ids
    )
    start = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>New Shortcuts</title>'
    return f"{start}<link>https://routinehub.co/rss/</link>{items}{tail}".encode()
