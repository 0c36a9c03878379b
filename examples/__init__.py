"""A detector in other programs: each file is one to start from."""

import importlib.util

if absent := [name for name in ("fastapi", "uvicorn") if importlib.util.find_spec(name) is None]:
    raise SystemExit(
        f"expected the packages of the examples, not installed: {', '.join(absent)}; pip install -e '.[serve,cpu]'"
    )
