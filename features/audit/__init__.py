"""The leak audit: does any feature know what could not have been known on the day?"""

from features.audit.auditing import Audited, audit
from features.audit.finding import Finding
from features.audit.labels import label_findings

__all__ = ["Audited", "Finding", "audit", "label_findings"]
