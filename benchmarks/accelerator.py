"""The reference experiments and the throughput of a machine with an accelerator: benchmarks/README.md tells how.

`pack` collects what a bare machine lacks, `run` measures and trains there within a budget of seconds, `join` makes a
checkpoint of a detector that came back, and `tables` writes the results into docs/results.md.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # a bare machine has the files of this project, but not the project installed

from benchmarks.reference_run.machine import PACK, missing_modules  # noqa: E402
from benchmarks.reference_run.plan import BUDGET  # noqa: E402

EXIT_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0; of `run` also 1 (a stage failed) or 3 (one was skipped or ended early); 2: refused."""
    options = parse(arguments)
    try:
        status: int = {"pack": pack, "run": run, "join": join, "tables": tables}[options.command](options)
    except (ValueError, OSError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    return status


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="receipts and wheels for a bare machine, in one folder")
    add = packing.add_argument
    add("--output", type=Path, required=True, help="new folder, outside of this repository or ignored by git")
    add("--receipts", type=Path, required=True, help="the data: images/<split>, jsons/<split>.json of train and val")
    add("--long-side", type=int, default=1280, help="of the images, px (default: %(default)s)")
    add("--quality", type=int, default=75, help="of their JPEG (default: %(default)s)")
    add("--wheels", action=argparse.BooleanOptionalAction, default=True, help="also fetch the wheels")
    running = commands.add_parser("run", help="every stage, within a budget")
    add = running.add_argument
    add("--data", type=Path, help="the folder `receipts` of the pack (default of a dry run: the sample)")
    add("--output", type=Path, required=True, help="for results.json, log.txt and the detectors")
    add("--budget", type=float, default=BUDGET, help="seconds for all stages (default: %(default)s)")
    add("--dry-run", action="store_true", help="tiny sizes on the CPU: shows that every stage works")
    joining = commands.add_parser("join", help="a checkpoint from the pieces of a detector")
    joining.add_argument("--folder", type=Path, required=True, help="of the pieces and their manifest")
    joining.add_argument("--checkpoint", type=Path, required=True, help="file to write")
    showing = commands.add_parser("tables", help="results.json into the tables of docs/results.md")
    showing.add_argument("--results", type=Path, help="the file; without it the tables say that nothing was measured")
    showing.add_argument("--root", type=Path, default=ROOT, help="where docs/ lies (default: here)")
    return parser.parse_args(arguments)


def pack(options: argparse.Namespace) -> int:
    """Packs, and tells what travels."""
    from benchmarks.reference_run.packing import describe
    from benchmarks.reference_run.packing import pack as pack_folder

    sizes = pack_folder(
        options.output,
        options.receipts.resolve(),
        long_side=options.long_side,
        quality=options.quality,
        wheels=options.wheels,
    )
    sys.stdout.write(f"{options.output}: {describe(sizes)}\n")
    return 0


def run(options: argparse.Namespace) -> int:
    """Runs the stages."""
    from benchmarks.reference_run.run import run_all

    missing = missing_modules()
    if missing:
        raise ValueError(
            f"expected the modules that a run imports, got none of {', '.join(missing)}: "
            "pip install --no-deps --no-index PACK/wheels/*"
        )
    if options.data is None and not options.dry_run:
        raise ValueError("expected --data, the folder of the receipts, got none; --dry-run takes the sample")
    data = options.data or ROOT / "data" / "sample"
    for labels in (data / "jsons" / f"{split}.json" for split in ("train", "val")):
        if not labels.is_file():
            raise FileNotFoundError(f"expected {labels}, got no such file: give --data PACK/receipts")
    described = data / PACK
    facts = json.loads(described.read_text(encoding="utf-8")) if described.is_file() else {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the stage's processes too
    return run_all(data, options.output, budget=options.budget, dry=options.dry_run, facts=facts)


def join(options: argparse.Namespace) -> int:
    """Puts a detector together."""
    from benchmarks.reference_run.detectors import join as join_pieces

    join_pieces(options.folder, options.checkpoint)
    return 0


def tables(options: argparse.Namespace) -> int:
    """Writes the tables."""
    from benchmarks.reference_run.tables import write_tables

    results = None if options.results is None else json.loads(options.results.read_text(encoding="utf-8"))
    sys.stdout.write(f"{write_tables(results, options.root)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
