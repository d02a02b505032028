"""Simulates accelerators for compressed neural networks."""
from basil import trace
from basil._basil import Error, Failure, __version__, accelerators, run
from basil._verbs import compare, compress, import_, inspect, report, sweep

version = __version__
__all__ = ["Error", "Failure", "accelerators", "compare", "compress", "import_", "inspect", "report", "run", "sweep",
           "trace"]
