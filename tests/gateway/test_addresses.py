"""Where webhooks may go: nowhere inside, however its address is written."""

from __future__ import annotations

import aiohttp
import pytest

from gateway.feed.addresses import ForbiddenAddress, check_url, outbound_session


@pytest.mark.check
@pytest.mark.parametrize(
    "host",
    [
        pytest.param("127.0.0.1", id="plainly"),
        pytest.param("127.1", id="cut short"),
        pytest.param("2130706433", id="in one figure"),
        pytest.param("0177.0.0.1", id="with eights"),
        pytest.param("１２７.0.0.1", id="in figures of full width"),
        pytest.param("127。0。0。1", id="with Chinese stops"),
        pytest.param("①27.0.0.1", id="in a circle"),
        pytest.param("[::1]", id="of the newer kind"),
        pytest.param("[::ffff:127.0.0.1]", id="one in the other"),
        pytest.param("169.254.169.254", id="of a cloud's own service"),
        pytest.param("somebody@example.org", id="with somebody's name"),
        pytest.param("example.org:port", id="with a port that is none"),
    ],
)
def test_no_webhook_goes_inside_however_the_address_is_written(host: str) -> None:
    with pytest.raises(ForbiddenAddress):
        check_url(f"https://{host}/hook", allow_private=False)


@pytest.mark.check
@pytest.mark.parametrize("host", ["example.org", "推送.example.org", "93.184.215.14", "4g.example.org:8443"])
def test_a_webhook_goes_to_the_outside(host: str) -> None:
    check_url(f"https://{host}/hook", allow_private=False)


@pytest.mark.check
@pytest.mark.parametrize("host", ["localhost", "0x7f000001"])
async def test_a_name_of_the_inside_is_not_called(host: str) -> None:
    check_url(f"https://{host}/hook", allow_private=False)
    async with outbound_session(allow_private=False) as http:
        with pytest.raises(aiohttp.ClientConnectorError) as refused:
            await http.post(f"https://{host}:9/hook")
    # Not even tried: a call that nobody takes has a number.
    assert refused.value.errno is None
