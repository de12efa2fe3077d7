"""Batches are read whatever their header names are made of."""

import pytest
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.memory_records import MemoryRecords

from shared.tolerant_records import TolerantRecords

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)


class NoText(str):
    """A name that is not UTF-8 on the wire."""

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


def a_batch(*names: str, compression: int = NONE) -> bytes:
    """One record per header name, as a broker stores them."""
    builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, -1, 1 << 20)
    for offset, name in enumerate(names):
        builder.append(offset, 1_000 + offset, b"key", b"value" * 20, [(name, b"1")])
    return bytes(builder.build())


def read(kind: type, content: bytes) -> list[tuple[int, int, bytes, bytes, list[tuple[str, bytes]]]]:
    records = kind(content)
    found = []
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        found += [(r.offset, r.timestamp, r.key, r.value, r.headers) for r in batch]
    return found


@pytest.mark.parametrize("compression", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
def test_an_ordinary_batch_is_read_as_the_library_reads_it(compression: int) -> None:
    content = a_batch("a", "ä", "b", compression=compression) + a_batch("c")
    assert read(TolerantRecords, content) == read(MemoryRecords, content)


@pytest.mark.parametrize("compression", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
def test_every_record_is_read_once_when_a_header_name_is_no_text(compression: int) -> None:
    found = read(TolerantRecords, a_batch("a", NoText("x"), "c", NoText("y"), compression=compression))
    assert [offset for offset, *_ in found] == [0, 1, 2, 3]
    assert [headers[0][0] for *_, headers in found] == ["a", "\ufffd\ufffd", "c", "\ufffd\ufffd"]
    assert {value for _, _, _, value, _ in found} == {b"value" * 20}


def test_the_library_alone_stumbles() -> None:
    """The control: when a release of the library reads such a batch itself, ours can go."""
    with pytest.raises(UnicodeDecodeError):
        read(MemoryRecords, a_batch("a", NoText("x")))
