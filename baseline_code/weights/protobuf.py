"""The wire format of protocol buffers: the fields of a message, without its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_FIXED = {FIXED64: 8, FIXED32: 4}
_LONGEST_VARINT = 10  # bytes of 7 bits: 64 bits


class ProtobufError(ValueError):
    """Bytes that are no message."""


class Field(NamedTuple):
    """One field as it is stored."""

    number: int  # which field of the message, by its schema
    value: int | memoryview  # an integer where it is a varint, else its bytes

    @property
    def integer(self) -> int:
        """The value of a varint.

        Raises:
            ProtobufError: if it is none.
        """
        if not isinstance(self.value, int):
            raise ProtobufError(f"expected an integer in field {self.number}, got bytes")
        return self.value

    @property
    def bytes(self) -> memoryview:
        """The bytes of a string, a nested message or packed numbers.

        Raises:
            ProtobufError: if it is an integer.
        """
        if isinstance(self.value, int):
            raise ProtobufError(f"expected bytes in field {self.number}, got an integer")
        return self.value

    @property
    def text(self) -> str:
        """The bytes as UTF-8.

        Raises:
            ProtobufError: if they are none.
        """
        try:
            return str(self.bytes, "utf-8")
        except UnicodeDecodeError as error:
            raise ProtobufError(f"expected text in field {self.number}, got other bytes") from error

    @property
    def integers(self) -> list[int]:
        """The value of a repeated varint: one, or several that are packed.

        Raises:
            ProtobufError: if the packed bytes end too early.
        """
        if isinstance(self.value, int):
            return [self.value]
        values, position = [], 0
        while position < len(self.value):
            value, position = _read_varint(self.value, position)
            values.append(value)
        return values


def read_fields(message: memoryview) -> Iterator[Field]:
    """The fields of a message in their order.

    Raises:
        ProtobufError: if it ends too early, or holds what no message holds.
    """
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise ProtobufError("expected a field's number, got 0")
        if kind == VARINT:
            value, position = _read_varint(message, position)
            yield Field(number, value)
            continue
        if kind == BYTES:
            size, position = _read_varint(message, position)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise ProtobufError(f"expected a field of a known kind, got kind {kind}")
        if size > len(message) - position:
            raise ProtobufError(f"expected {size} bytes in field {number}, only {len(message) - position} are left")
        yield Field(number, message[position : position + size])
        position += size


def _read_varint(message: memoryview, position: int) -> tuple[int, int]:
    """A varint, and the position behind it."""
    value = 0
    for index, byte in enumerate(message[position : position + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, position + index + 1
    raise ProtobufError("expected a whole number, the bytes end within it")
