import icloud_site
import pytest
from scraped_sites import json_reply

from workflowbench.collection.icloud import ICloudError
from workflowbench.collection.icloud_files import ICloud
from workflowbench.collection.origins import Origin
from workflowbench.collection.replay.server import Reply
from workflowbench.collection.stages import Stage
from workflowbench.shortcuts.reading import RejectedShortcut

ID = icloud_site.identifier(7)
FILE = "/B/7/shortcut?o=TOKEN&e=1"


@pytest.fixture
def shared_file(world):
    stages = [Stage((Origin.parse(root),)) for root in (world.icloud, world.files)]

    def fetch(signer=7, **options):
        roots = icloud_site.roots(signer)
        return ICloud(world.visitor(), *stages, world.icloud, trusted_roots=roots, **options).shared_file(ID)

    return fetch


def rule(fetch, **options):
    with pytest.raises(ICloudError) as caught:
        fetch(**options)
    return caught.value.rule


def test_the_unsigned_file_is_preferred(world, shared_file):
    world.share(7, signed=icloud_site.signed(7))
    assert shared_file().payload == icloud_site.plist("tea 7")
    assert not any(path.startswith("/S/") for path in world.server.asked)


def test_a_record_without_unsigned_file_gives_the_signed_one(world, shared_file):
    signed = icloud_site.signed(7)
    world.share(7, unsigned=None, signed=signed)
    assert shared_file().payload == signed


@pytest.mark.parametrize("damage", [Reply(b"too short"), Reply(status=404)])
def test_a_damaged_unsigned_file_gives_the_signed_one(world, shared_file, damage):
    signed = icloud_site.signed(7)
    world.share(7, signed=signed)
    world.server.routes[FILE] = damage
    assert shared_file().payload == signed


def test_a_file_signed_for_another_shortcut_is_refused(world, shared_file):
    world.share(7, unsigned=None, signed=icloud_site.signed(8))
    assert rule(shared_file, signer=8) == "wrong_signer"


def test_a_file_of_another_size_is_refused(world, shared_file):
    world.share(7, size=9999)
    assert rule(shared_file) == "wrong_size"


def test_what_is_no_shortcut_is_rejected(world, shared_file):
    world.share(7, unsigned=b"not a shortcut")
    with pytest.raises(RejectedShortcut):
        shared_file()


def test_an_expired_address_is_read_from_the_record_again(world, shared_file):
    world.share(7)
    world.server.routes[FILE] = [Reply(status=403), world.server.routes[FILE]]
    assert shared_file().payload == icloud_site.plist("tea 7")
    assert world.server.asked.count(world.record_path(7)) == 2


def test_an_address_that_stays_expired_is_given_up(world, shared_file):
    world.share(7)
    world.server.routes[FILE] = Reply(status=410)
    assert rule(shared_file) == "expired_file"


def test_a_file_address_outside_icloud_is_never_asked(world, shared_file):
    world.share(7)
    body = icloud_site.record(7, "http://127.0.0.1:1", unsigned=b"123")
    world.server.routes[world.record_path(7)] = json_reply(body)
    with pytest.raises(ValueError, match="lies outside") as caught:
        shared_file()
    assert "TOKEN" not in str(caught.value)


def test_the_cross_check_compares_both_files(world, shared_file):
    world.share(7, signed=icloud_site.signed(7, "tea 7"))
    assert shared_file(cross_check=True).payload == icloud_site.plist("tea 7")


def test_the_cross_check_finds_a_difference(world, shared_file):
    world.share(7, signed=icloud_site.signed(7, "coffee"))
    assert rule(shared_file, cross_check=True) == "files_differ"
