"""A citizen's words become a numbered complaint, once.

Consumes `laksa.complaints.submitted.v1` and `POST /v1/complaints`; produces `laksa.complaints.registered.v1` and
`laksa.dead-letter.v1`. Owns the schema `intake`: complaints, contacts, dead letters, outbox.
"""
