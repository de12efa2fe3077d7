"""Sealing what must be kept but not read: AES-256-GCM, a data key per record, wrapped by the service's key."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import LaksaError

_NONCE_BYTES = 12
_WRAPPED_BYTES = 32 + 16
_FORMAT = b"\x01"


class Unreadable(LaksaError):
    """The sealed bytes were changed, moved to another record, or sealed under another key."""


class Vault:
    """Seals bytes to the record they belong to.

    Layout: format byte, nonce, wrapped data key, nonce, ciphertext. Destroying the wrapped key is erasure.
    """

    def __init__(self, key: bytes) -> None:
        self._wrapping = AESGCM(key)

    def seal(self, plain: bytes, *, bound_to: str) -> bytes:
        """Encrypt `plain` so that it opens only together with `bound_to` (table, column and record id)."""
        data_key = secrets.token_bytes(32)
        outer, inner = secrets.token_bytes(_NONCE_BYTES), secrets.token_bytes(_NONCE_BYTES)
        context = bound_to.encode()
        wrapped = self._wrapping.encrypt(outer, data_key, context)
        return _FORMAT + outer + wrapped + inner + AESGCM(data_key).encrypt(inner, plain, context)

    def open(self, sealed: bytes, *, bound_to: str) -> bytes:
        """The plain bytes. Raises Unreadable if they were tampered with or belong to another record."""
        if not sealed.startswith(_FORMAT):
            raise Unreadable(f"what is bound to {bound_to} is not in this vault's format")
        context = bound_to.encode()
        start = len(_FORMAT) + _NONCE_BYTES
        outer, wrapped = sealed[len(_FORMAT) : start], sealed[start : start + _WRAPPED_BYTES]
        rest = sealed[start + _WRAPPED_BYTES :]
        try:
            data_key = self._wrapping.decrypt(outer, wrapped, context)
            return AESGCM(data_key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise Unreadable(f"cannot open what is bound to {bound_to}") from error
