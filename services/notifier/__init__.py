"""Whoever should know is told, once.

Consumes `laksa.complaints.registered.v1` and `laksa.tickets.events.v1`; produces `laksa.notifications.v1` and
`laksa.dead-letter.v1`. Owns the schema `notifier`: deliveries, dead letters, outbox.
"""
