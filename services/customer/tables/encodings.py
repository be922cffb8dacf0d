"""In which encoding a file of text is written: said by its first bytes, or guessed."""

import codecs
from typing import BinaryIO

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = ["gb18030", "big5", "shift_jis", "euc_kr", "cp1250", "cp1251", "cp1252", "iso8859_2", "iso8859_15"]
"""What spreadsheets write beside Unicode where this suite's users work."""
_HALF_CHARACTERS = 0.2
"""From this share of zeros on, they are halves of characters rather than dirt."""
_CHUNK_BYTES = 262_144
_SAMPLE_BYTES = 65_536


def is_encoding(name: str) -> bool:
    """Whether text can be in it; Python knows encodings of other things too."""
    try:
        return codecs.lookup(name).incrementaldecoder is not None and "a".encode(name).decode(name) == "a"
    except (LookupError, UnicodeError, ValueError):
        return False


def guessed_encoding(file: BinaryIO) -> str:
    """The encoding; a file that is UTF-8 to its end is taken for that."""
    file.seek(0)
    head = file.read(4_096)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if head.count(0) > len(head) * _HALF_CHARACTERS:
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    doubtful = _first_foreign_byte(file)
    return "utf-8" if doubtful is None else _likeliest(_around(file, doubtful))


def _first_foreign_byte(file: BinaryIO) -> int | None:
    """Where the file stops being UTF-8; None where it does not."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    behind = 0
    while chunk := file.read(_CHUNK_BYTES):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return max(0, behind + error.start - 4)  # a few bytes may have been held back from the chunk before
        behind += len(chunk)
    return None if not decoder.getstate()[0] else max(0, behind - 4)


def _around(file: BinaryIO, place: int) -> bytes:
    """The lines round this place that are not plain ASCII, as only they tell encodings apart."""
    begin = max(0, place - _SAMPLE_BYTES)
    file.seek(begin)
    lines = file.read(2 * _SAMPLE_BYTES).splitlines(keepends=True)
    whole = lines[1 if begin else 0 :]  # a text that is cut within a character would look like none
    return b"".join(line for line in whole if not line.isascii() and line.endswith((b"\n", b"\r"))) or b"".join(lines)


def _likeliest(sample: bytes) -> str:
    found = from_bytes(sample, cp_isolation=_OTHERS).best()
    return "utf-8" if found is None else found.encoding
