"""The review machine: `decide` says what a command leads to, `evolve` what an event changes. Pure; no engine beside it.

`table` is the machine, `guards` the reasons it says no, `outcomes` the events, `evolving` the fold, `duties` who has it
and until when.
"""

from workflows.machine.evolving import decision_of, evolve
from workflows.machine.table import Outcome, decide

__all__ = ["Outcome", "decide", "decision_of", "evolve"]
