"""A semantic knowledge graph of what Dutch councils were promised and what came of it."""

__version__ = "0.1.0"
