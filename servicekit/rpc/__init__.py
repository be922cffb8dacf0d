"""RPC between services, typed by contracts: `@answers(Request)` on one side, `call(Request)` on the other.

On the wire it is nameko's own RPC, so any nameko client can call; see docs/decisions/0001-rpc.md.
"""

from servicekit.rpc.client import Pending, as_self, call, call_as_self, send, use
from servicekit.rpc.server import answers, answers_anyone

__all__ = ["Pending", "answers", "answers_anyone", "as_self", "call", "call_as_self", "send", "use"]
