"""A department works the ticket against the clock.

Consumes `laksa.complaints.routed.v1` and `laksa.tickets.commands.v1`; produces `laksa.tickets.events.v1`,
`laksa.tickets.assigned.v1`, `laksa.tickets.replies.v1` and `laksa.dead-letter.v1`. Owns the schema `desk`: tickets,
clocks, history, commands, SLA policies, windows, calendars, dead letters, outbox.
"""
