"""Puts the pieces of pack.ts together: unpack.py TARGET PIECE... (in their order). Python alone unpacks them."""

import io
import lzma
import os
import sys
import tarfile


class Pieces(io.RawIOBase):
    """The pieces, one after another, as one file."""

    def __init__(self, names):
        self.files = [open(name, "rb") for name in names]

    def readable(self):
        return True

    def readinto(self, buffer):
        while self.files:
            count = self.files[0].readinto(buffer)
            if count:
                return count
            self.files.pop(0).close()
        return 0


def main(target, *names):
    os.makedirs(target, exist_ok=True)
    with lzma.open(io.BufferedReader(Pieces(names), 1 << 20)) as archive:
        with tarfile.open(fileobj=archive, mode="r|") as files:
            safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            files.extractall(target, **safe)


if __name__ == "__main__":
    main(*sys.argv[1:])
