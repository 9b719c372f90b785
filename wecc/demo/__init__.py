"""The sample operator: a small site of the fictional Nanfang Telecom that embeds the center's widget.

It stands for the integrator. It knows the center by its origin, its id and one identity key, and shares
nothing else with it.
"""

from wecc.demo.customers import CUSTOMERS, Customer
from wecc.demo.key import CENTER, IdentityKey, read_key

__all__ = ["CENTER", "CUSTOMERS", "Customer", "IdentityKey", "read_key"]
