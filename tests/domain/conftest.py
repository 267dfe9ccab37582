"""How patient are property tests? A slow machine is no failure; what is hot is measured in benchmarks."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
