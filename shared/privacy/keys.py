"""One master key, one derived key per purpose: knowing one tells nothing of another."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(master_key: bytes, purpose: str) -> bytes:
    """32 bytes for `purpose` (HKDF-SHA256, RFC 5869), the same every time."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"laksa/{purpose}/1".encode()).derive(master_key)
