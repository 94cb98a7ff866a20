"""Verifying what is stored: every chain replayed from its first event, every seal opened, every link recomputed, every
signed day built again from its leaves. Reads only; what is wrong is named and never raised.
"""

from workflows.audit.findings import Fault, Verification
from workflows.audit.verifying import verify, verify_days, verify_one

__all__ = ["Fault", "Verification", "verify", "verify_days", "verify_one"]
