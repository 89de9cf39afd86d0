"""How a check presents itself in TLS, and whom it trusts.

Knows ssl contexts. Must not know what is asked over them. Old versions and ciphers are taken, as
keepalived takes them: a check asks whether a server answers its clients, not whether it should.
"""

from __future__ import annotations

import ssl
from functools import lru_cache

from halod.checker.outcome import CannotAskError
from halod.model.check import TlsIdentity

__all__ = ["client_context", "h2_context"]

CONTEXTS_MAX = 16
"""Kept ones: there is one `SSL` block in a file, and the one of the reload before."""


@lru_cache(maxsize=CONTEXTS_MAX)
def client_context(identity: TlsIdentity | None) -> ssl.SSLContext:
    """CannotAskError where a file of it cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT")
    if identity is not None:
        _present(context, identity)
    return context


@lru_cache(maxsize=CONTEXTS_MAX)
def h2_context(identity: TlsIdentity | None) -> ssl.SSLContext:
    """The same, for HTTP/2 (RFC 9113, 3.2)."""
    # Not the one above: what is set there would count for HTTP/1, too.
    context = client_context.__wrapped__(identity)
    context.set_alpn_protocols(["h2"])
    return context


def _present(context: ssl.SSLContext, identity: TlsIdentity) -> None:
    if identity.ca:
        try:
            context.load_verify_locations(cafile=identity.ca)
        except OSError as error:
            raise CannotAskError(f"SSL ca {identity.ca}: {_reason(error)}") from None
        context.verify_mode = ssl.CERT_REQUIRED
    if identity.certificate:
        try:
            context.load_cert_chain(
                identity.certificate, identity.key or None, lambda: identity.password
            )
        except OSError as error:
            raise CannotAskError(
                f"SSL certificate {identity.certificate}: {_reason(error)}"
            ) from None


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "it cannot be used").replace("_", " ").lower()
    return error.strerror or str(error)
