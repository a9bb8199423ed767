"""Writes the sample files beside it, byte by byte from the formats' specifications.

Pictures are one colour, audio is silence. Run it in its folder: python3 make.py
"""

import struct
import zlib

COLOUR = (37, 211, 102)


def png():
    """8x8 pixels, 8-bit RGB."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes(COLOUR) * 8 for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9))
            + chunk(b"IEND", b""))


def jpeg():
    """8x8 grey pixels, baseline, three components. Both Huffman tables have one code of one bit: zero."""
    def segment(marker, data):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data
    out = b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + segment(0xDB, b"\0" + b"\1" * 64)
    components = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    out += segment(0xC0, struct.pack(">BHHB", 8, 8, 8, 3) + components)
    for table in (0x00, 0x10):
        out += segment(0xC4, bytes([table, 1] + [0] * 15) + b"\0")
    scan = bytes([3]) + b"".join(bytes([number, 0]) for number in (1, 2, 3)) + b"\0\x3f\0"
    # Six zero bits, filled up with ones.
    return out + segment(0xDA, scan) + b"\x03" + b"\xff\xd9"


def webp():
    """One pixel, lossless: five prefix codes with one symbol each."""
    bits = []

    def put(value, count):
        bits.extend(value >> place & 1 for place in range(count))
    # Width and height less one, no alpha, version 0; no transform, no colour cache, no meta prefix codes.
    for count in (14, 14, 1, 3, 1, 1, 1):
        put(0, count)
    red, green, blue = COLOUR
    for symbol in (green, red, blue, 255, 0):
        put(0b101, 3)  # simple code, one symbol, of eight bits
        put(symbol, 8)
    packed = (sum(bit << place for place, bit in enumerate(bits[at:at + 8])) for at in range(0, len(bits), 8))
    body = b"\x2f" + bytes(packed)
    chunk = b"VP8L" + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def ogg():
    """One second of Opus, mono: 50 packets of 20 ms of silence (F8 FF FE)."""
    def checksum(data):
        crc = 0
        for byte in data:
            crc ^= byte << 24
            for _ in range(8):
                crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
        return crc

    def page(flags, granule, sequence, packets):
        head = b"OggS\0" + bytes([flags]) + struct.pack("<qIII", granule, 1, sequence, 0)
        data = head + bytes([len(packets)]) + bytes(map(len, packets)) + b"".join(packets)
        return data[:22] + struct.pack("<I", checksum(data)) + data[26:]
    head = b"OpusHead\1\1" + struct.pack("<HIhB", 312, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"sandbox" + struct.pack("<I", 0)
    return page(2, 0, 0, [head]) + page(0, 0, 1, [tags]) + page(4, 50 * 960, 2, [b"\xf8\xff\xfe"] * 50)


def mp3():
    """Half a second of MPEG-1 layer III, 32 kbit/s, 32 kHz, mono: frames of 144 bytes that are zero but for the header."""
    return (b"\xff\xfb\x18\xc4" + bytes(140)) * 14


def aac():
    """One second of AAC-LC in ADTS, 16 kHz, mono: 16 frames with an empty spectrum."""
    frame = bytes.fromhex("00c800802380")
    length = len(frame) + 7
    header = bytes([0xFF, 0xF1, 1 << 6 | 8 << 2, 1 << 6 | length >> 11, length >> 3 & 0xFF,
                    (length & 7) << 5 | 0x1F, 0xFC])
    return (header + frame) * 16


for name, make in [("image.png", png), ("image.jpg", jpeg), ("sticker.webp", webp), ("voice.ogg", ogg),
                   ("audio.mp3", mp3), ("audio.aac", aac)]:
    with open(name, "wb") as file:
        file.write(make())
