-- Business time: real time, unless the one row of clock.settings bends it (a demonstration or a simulation does).
CREATE TABLE settings (
    only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    real_anchor     timestamptz NOT NULL,
    business_anchor timestamptz NOT NULL,
    speed           double precision NOT NULL CHECK (speed > 0)
);

CREATE FUNCTION clock.now() RETURNS timestamptz
    LANGUAGE sql STABLE
    SET search_path = pg_catalog
AS $$
    SELECT coalesce(
        (SELECT s.business_anchor + (pg_catalog.now() - s.real_anchor) * s.speed FROM clock.settings s),
        pg_catalog.now()
    )
$$;
