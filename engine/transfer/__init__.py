"""Weight transfer: what a network has learned, carried into an edited one, optimizer memory included.

`carrying` fills the new network from the old one and from the `memory` that an undo brings back; `insertion`
knows which new layers can start as the identity, `equivalence` proves whether the function is preserved, and
`report` says it all in sentences.
"""

from engine.transfer.carrying import transfer
from engine.transfer.memory import Memory, remember
from engine.transfer.report import LayerTransfer, TransferReport

__all__ = ["LayerTransfer", "Memory", "TransferReport", "remember", "transfer"]
