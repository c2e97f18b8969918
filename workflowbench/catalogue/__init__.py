"""The API catalogue: what each action is, takes and returns."""
