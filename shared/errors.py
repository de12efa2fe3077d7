"""One root, and what each branch asks of whoever catches it."""


class LaksaError(Exception):
    """Anything this system raises on purpose."""


class ConfigurationError(LaksaError):
    """The deployment is wrong; a person must change it. The process ends and says what."""


class Unavailable(LaksaError):
    """Postgres or Kafka did not answer within the caller's patience; trying again later is right."""
