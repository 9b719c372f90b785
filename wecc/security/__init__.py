"""Passwords, lockout and the audit trail."""

from wecc.security.audit import audit, verify_audit
from wecc.security.lockout import Lockout, SignInLocked, SignInRefused
from wecc.security.passwords import Passwords

__all__ = ["Lockout", "Passwords", "SignInLocked", "SignInRefused", "audit", "verify_audit"]
