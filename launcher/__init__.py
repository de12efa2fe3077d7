"""The whole system on one machine without Docker: real Kafka, real Postgres, the services, Prometheus.

Everything that runs is a *part* (`launcher.part`): it prepares itself, says which command it is, knows if it answers.
`launcher.process` starts one part, `launcher.supervisor` keeps all of them running, `launcher.cli` is the console
script `laksa`. Nothing here decides anything about a complaint.
"""
