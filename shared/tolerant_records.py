"""Reads record batches whose header names are not UTF-8, which aiokafka 0.14 cannot: it raises at every poll, for ever.

A name is bytes on the wire, and any client that may write to a topic can put anything there; one such record would
stop its partition. Here the library's own fast parser reads every batch, and only a batch on which it stumbles is read
again by the library's slow one, from a copy that replaces what is not text.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


class _MendedText(bytes):
    """Bytes that decode whatever they are; U+FFFD stands for what is not UTF-8."""

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


class _MendedBuffer(bytearray):
    """A buffer whose slices are _MendedText; single bytes stay numbers."""

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return _MendedText(found) if isinstance(index, slice) else found


class _MendingBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """The slow parser over such a buffer, also after decompression."""

    _buffer: bytearray

    def _read_msg(self, *arguments: Any) -> Any:
        if not isinstance(self._buffer, _MendedBuffer):
            self._buffer = _MendedBuffer(self._buffer)
        return super()._read_msg(*arguments)


class TolerantBatch:
    """A batch as aiokafka's fetcher uses it."""

    def __init__(self, batch: Any, content: memoryview) -> None:
        self._batch = batch
        self._content = content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        last = -1
        try:
            for record in self._batch:
                last = record.offset
                yield record
        except UnicodeDecodeError:
            yield from (record for record in _MendingBatch(self._content) if record.offset > last)


class TolerantRecords(_MemoryRecordsPy):  # type: ignore[misc]
    """The batches of one fetched partition."""

    def next_batch(self, *arguments: Any) -> Any:
        content = self._next_slice
        batch = super().next_batch(*arguments)
        return TolerantBatch(batch, content) if isinstance(batch, DefaultRecordBatch) else batch


def install() -> None:
    """Make aiokafka's consumers of this process read so. A test fails when a new release needs another way."""
    fetcher.MemoryRecords = TolerantRecords
