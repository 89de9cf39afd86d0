"""`haloctl genhash`: the digest of a page, as `digest` of HTTP_GET wants it.

Knows the options, which are those of keepalived's genhash, and what is printed. The page is asked
for by the code of the check itself, so that both see the same bytes.
"""

from __future__ import annotations

import sys
from ipaddress import ip_address

import click

from halod.checker.http_answer import PAGE_MAX
from halod.checker.outcome import span
from halod.checker.page_fetch import fetch_page
from halod.model.address import IpAddress
from halod.model.check import CheckTiming, Connection, HttpCheck, HttpPage
from halod.model.endpoint import Endpoint
from halod.model.units import NS_PER_SECOND, Duration

__all__ = ["genhash"]

DEFAULT_TIMEOUT_S = 60.0
_VERSIONS = {"1.0": "1.0", "1.0c": "1.0C", "1.1": "1.1", "2": "2"}


def _address(context: click.Context, parameter: click.Parameter, value: str) -> IpAddress:
    try:
        return ip_address(value)
    except ValueError:
        raise click.BadParameter(f"server should be an IP address, not {value}") from None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-s", "--server", callback=_address, required=True, help="IP address of the server")
@click.option("-p", "--port", type=click.IntRange(1, 65535), required=True, help="its port")
@click.option("-u", "--url", required=True, metavar="PATH", help="path of the page, such as /")
@click.option("-S", "--use-ssl", is_flag=True, help="over TLS; the certificate is not verified")
@click.option("-I", "--use-sni", is_flag=True, help="name the virtual host at the TLS handshake")
@click.option("-V", "--use-virtualhost", default="", metavar="NAME", help="the Host: to ask for")
@click.option("-m", "--fwmark", type=click.IntRange(0, 2**32 - 1), default=0, help="firewall mark")
@click.option(
    "-P",
    "--protocol",
    type=click.Choice(list(_VERSIONS), case_sensitive=False),
    default="1.0",
    show_default=True,
    help="version of HTTP; 1.0c is 1.0 with Connection: close",
)
@click.option(
    "-t",
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=DEFAULT_TIMEOUT_S,
    show_default=True,
    help="seconds for the connection, and then for the page",
)
@click.option("-v", "--verbose", is_flag=True, help="status, size and time, on standard error")
def genhash(
    server: IpAddress,
    port: int,
    url: str,
    use_ssl: bool,
    use_sni: bool,
    use_virtualhost: str,
    fwmark: int,
    protocol: str,
    timeout: float,
    verbose: bool,
) -> None:
    """Print the digest of a page, for `digest` of HTTP_GET and SSL_GET.

    The options are those of keepalived's genhash. The page is taken whatever its status is; a
    redirection is not followed.

    Exit status: 0 a digest was printed, 1 no page came.
    """
    connection = Connection(
        to=Endpoint(server, port),
        mark=fwmark,
        timeout=Duration(int(timeout * NS_PER_SECOND)),
    )
    page = HttpPage(path=url, digest="?", virtualhost=use_virtualhost)
    check = HttpCheck(
        timing=CheckTiming(),
        connection=connection,
        pages=(page,),
        tls=use_ssl,
        version=_VERSIONS[protocol.lower()],
        sends_server_name=use_sni,
    )
    found, answer = fetch_page(check)
    if answer is None:
        click.echo(f"no page from {connection.to}{url}: {found.detail}", err=True)
        sys.exit(1)
    if answer.is_too_long:
        click.echo(f"the page is longer than the {PAGE_MAX >> 20} MiB that are read", err=True)
        sys.exit(1)
    if verbose:
        line = f"status {answer.status}, {answer.received} bytes, after {span(found.took_ns)}"
        click.echo(line, err=True)
    click.echo(answer.digest)
