"""A bot that is busy in pure Python, until it is stopped."""

from __future__ import annotations


def main() -> None:
    numbers: dict[int, int] = {}
    count = 0
    while True:
        count += 1
        numbers[count % 1000] = sum(range(count % 100))


if __name__ == "__main__":
    main()
