"""Benchmarks of raadgraaf against other engines: never timed tests, not part of the package."""
