"""A stand-in for RoutineHub and iCloud on loopback, with pages of our own, for demonstrations and tests."""
