"""Numbered messages that show damage: `PUBLISHER NUMBER CRC FILLER`, printable and on one line."""
import random
import zlib

_PERIOD = 65536
_letters = random.Random("filler").choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-", k=_PERIOD)
_FILLER = "".join(_letters).encode()


def make(publisher, number, size):
    head = f"{publisher} {number} ".encode()
    length = max(size - len(head) - 9, 0)
    at = number * 4099 % _PERIOD  # neighbours differ from the first byte on
    filler = (_FILLER * (length // _PERIOD + 2))[at:at + length]
    return b"%s%08x %s" % (head, zlib.crc32(head + filler), filler)


def parse(payload):
    """(publisher, number); None when this is not what make() made."""
    try:
        publisher, number, checksum, filler = payload.split(b" ", 3)
        head = b"%s %s " % (publisher, number)
        return (publisher.decode(), int(number)) if zlib.crc32(head + filler) == int(checksum, 16) else None
    except ValueError:
        return None
