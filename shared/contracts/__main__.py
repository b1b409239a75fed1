"""`python -m shared.contracts`: write `docs/contracts` from the models, or say what that would break."""

import sys

from .publish.writing import FOLDER, write


def main() -> int:
    if sentences := write():
        print("Nothing is written, for it would break what is published:", *sentences, sep="\n- ", file=sys.stderr)
        return 1
    print(f"The contracts are written to {FOLDER}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
