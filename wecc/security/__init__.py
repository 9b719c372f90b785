"""Passwords, lockout and the audit trail."""

from wecc.security.audit import Act, AuditPage, audit, audit_in, read_audit, verify_audit
from wecc.security.lockout import Lockout, SignInLocked, SignInRefused
from wecc.security.models import AuditLine
from wecc.security.passwords import Passwords

__all__ = [
    "Act",
    "AuditLine",
    "AuditPage",
    "Lockout",
    "Passwords",
    "SignInLocked",
    "SignInRefused",
    "audit",
    "audit_in",
    "read_audit",
    "verify_audit",
]
