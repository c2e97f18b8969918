"""Quality confirmation: the rules that a generated workflow must pass, each with its reason."""
