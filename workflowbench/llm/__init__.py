"""Language models: questions, answers, the ledger of all calls, and the backends."""
