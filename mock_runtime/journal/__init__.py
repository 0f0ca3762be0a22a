"""The journal: what was asked and answered, to be looked at, searched and asserted on."""

from mock_runtime.journal.cleaning import Cleaning, cleaned
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.har import har
from mock_runtime.journal.journal import Journal, JournalSnapshot
from mock_runtime.journal.presenting import as_dict, summary
from mock_runtime.journal.query import Choice, Filters

__all__ = [
    "Choice",
    "Cleaning",
    "Entry",
    "Filters",
    "Journal",
    "JournalSnapshot",
    "as_dict",
    "cleaned",
    "har",
    "summary",
]
