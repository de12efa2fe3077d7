"""A complaint gets a department, or a person is asked; what people then decide otherwise teaches the next model.

Consumes `laksa.complaints.registered.v1` and, for corrections, `laksa.tickets.events.v1`; produces
`laksa.complaints.routed.v1`, exactly once per complaint, and `laksa.dead-letter.v1`. Owns the schema `router`:
decisions, texts, ticket changes, corrections, models, shadow decisions, dead letters, outbox.
"""
