"""Agents: they see the venues and write records into the outbox; they never touch the ledger."""
