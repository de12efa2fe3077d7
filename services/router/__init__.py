"""A complaint gets a department, or a person is asked.

Consumes `laksa.complaints.registered.v1`; produces `laksa.complaints.routed.v1`, exactly once per complaint, and
`laksa.dead-letter.v1`. Owns the schema `router`: decisions, dead letters, outbox.
"""
