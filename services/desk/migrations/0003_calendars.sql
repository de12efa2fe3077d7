-- Working time as data. Hours are words such as '07:30-12:00 13:00-16:00', in local time, each time later than the last.
CREATE FUNCTION are_hours(hours text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog
AS $$
    SELECT CASE WHEN hours = '' THEN true
                WHEN hours !~ '^(([01]\d|2[0-3]):[0-5]\d|24:00)-(([01]\d|2[0-3]):[0-5]\d|24:00)( (([01]\d|2[0-3]):[0-5]\d|24:00)-(([01]\d|2[0-3]):[0-5]\d|24:00))*$'
                    THEN false
                ELSE (SELECT array_agg(t ORDER BY i) = array_agg(DISTINCT t ORDER BY t)
                      FROM unnest(regexp_split_to_array(hours, '[- ]') COLLATE "C") WITH ORDINALITY AS times (t, i))
           END
$$;

-- A calendar that keeps days off is closed on holidays and collective leave; one that runs around the clock is not.
CREATE TABLE calendars (
    calendar       text PRIMARY KEY CHECK (calendar ~ '^[a-z0-9_]{1,40}$'),
    keeps_days_off boolean NOT NULL,
    source         text NOT NULL
);

-- Weekdays count as ISO does, Monday 1. A weekday without a row is closed; without Ramadan rows Ramadan changes nothing.
CREATE TABLE calendar_hours (
    calendar text NOT NULL REFERENCES calendars,
    regime   text NOT NULL CHECK (regime IN ('ordinary', 'ramadan')),
    weekday  smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    hours    text NOT NULL CHECK (are_hours(hours)),
    PRIMARY KEY (calendar, regime, weekday)
);

-- Departments that are not named here keep the city's calendar.
CREATE TABLE department_calendars (
    department text PRIMARY KEY,
    calendar   text NOT NULL REFERENCES calendars
);

CREATE TABLE ramadans (
    begins  date PRIMARY KEY,
    ends    date NOT NULL CHECK (ends >= begins),
    certain boolean NOT NULL,
    source  text NOT NULL
);

-- Days that are not as their weekday. 'holiday' and 'collective_leave' are the nation's; 'closed' and 'open' are the
-- city's own overrides and stand above them. '*' is every calendar that keeps days off.
CREATE TABLE calendar_days (
    day      date NOT NULL,
    calendar text NOT NULL DEFAULT '*',
    kind     text NOT NULL CHECK (kind IN ('holiday', 'collective_leave', 'closed', 'open')),
    name     text NOT NULL,
    certain  boolean NOT NULL DEFAULT true,
    source   text NOT NULL,
    hours    text CHECK (are_hours(hours) AND hours <> ''),
    CHECK ((kind = 'open') = (hours IS NOT NULL)),
    CHECK (kind IN ('closed', 'open') OR calendar = '*')
);
CREATE UNIQUE INDEX calendar_days_one_of_each ON calendar_days (day, calendar, (kind IN ('closed', 'open')));

-- One number for calendars, promises and windows together: whoever keeps them in memory looks whether it has grown.
CREATE TABLE rules_version (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version    bigint NOT NULL,
    changed_at timestamptz NOT NULL
);
INSERT INTO rules_version (version, changed_at) VALUES (1, clock.now());

CREATE FUNCTION count_change_of_rules() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
AS $$
BEGIN
    UPDATE desk.rules_version SET version = version + 1, changed_at = clock.now();
    RETURN NULL;
END
$$;

-- How long something stays possible. Working time is counted by the city's calendar, the rest as everybody counts days.
CREATE TABLE windows (
    name    text PRIMARY KEY CHECK (name IN ('objection', 'reopen', 'waiting', 'waiting_reminder')),
    seconds integer NOT NULL CHECK (seconds > 0),
    working boolean NOT NULL,
    source  text NOT NULL
);
INSERT INTO windows (name, seconds, working, source) VALUES
    ('objection',        10 * 86400, false, 'SP4N-LAPOR: the reporter may answer within 10 days, then it is closed'),
    ('reopen',           90 * 86400, false, 'city default'),
    ('waiting',          10 * 27000, true,  'city default: 10 working days; also the most that waiting stops the clocks'),
    ('waiting_reminder',  7 * 27000, true,  'city default: 7 working days');

-- Promises may be particular to a topic or an urgency ('*' is any) and may end.
ALTER TABLE sla_policies
    ADD COLUMN topic       text NOT NULL DEFAULT '*',
    ADD COLUMN urgency     text NOT NULL DEFAULT '*' CHECK (urgency IN ('*', 'emergency', 'high', 'normal')),
    ADD COLUMN valid_until timestamptz,
    DROP CONSTRAINT sla_policies_pkey,
    ADD PRIMARY KEY (complaint_class, clock, topic, urgency, valid_from),
    ADD CHECK (valid_until > valid_from);

-- An emergency is acknowledged within an hour of working time; BPBD works around the clock, so there an hour is an hour.
INSERT INTO sla_policies (complaint_class, clock, limit_seconds, source, valid_from, topic, urgency) VALUES
    ('complaint',   'acknowledge',  1 * 3600,  'city default', '2016-02-28 00:00+07', '*', 'emergency'),
    ('complaint',   'respond',      1 * 27000, 'city default', '2016-02-28 00:00+07', '*', 'emergency');

-- Perpres 21/2023: 37 h 30 min a week, breaks of 60 and on Friday 90 minutes; in Ramadan 32 h 30 min, 30 and 60 minutes.
INSERT INTO calendars (calendar, keeps_days_off, source) VALUES
    ('city',   true,  'Perpres 21/2023'),
    ('always', false, 'a post that is manned day and night');
INSERT INTO calendar_hours (calendar, regime, weekday, hours)
SELECT 'city', regime, weekday, hours
FROM (VALUES ('ordinary', 1, 4, '07:30-12:00 13:00-16:00'), ('ordinary', 5, 5, '07:30-11:30 13:00-16:30'),
             ('ramadan',  1, 4, '08:00-12:00 12:30-15:00'), ('ramadan',  5, 5, '08:00-11:30 12:30-15:30'))
     AS law (regime, first, last, hours), generate_series(first, last) AS weekday
UNION ALL
SELECT 'always', 'ordinary', weekday, '00:00-24:00' FROM generate_series(1, 7) AS weekday;
INSERT INTO department_calendars (department, calendar) VALUES ('BPBD', 'always');

INSERT INTO ramadans (begins, ends, certain, source) VALUES
    ('2026-02-19', '2026-03-20', true,  'Kementerian Agama, sidang isbat of 17 February 2026'),
    ('2027-02-08', '2027-03-09', false, 'computed; the ministry decides on the evening before');

CREATE TRIGGER calendars_changed AFTER INSERT OR UPDATE OR DELETE ON calendars
    FOR EACH ROW EXECUTE FUNCTION count_change_of_rules();
CREATE TRIGGER calendar_hours_changed AFTER INSERT OR UPDATE OR DELETE ON calendar_hours
    FOR EACH ROW EXECUTE FUNCTION count_change_of_rules();
CREATE TRIGGER department_calendars_changed AFTER INSERT OR UPDATE OR DELETE ON department_calendars
    FOR EACH ROW EXECUTE FUNCTION count_change_of_rules();
CREATE TRIGGER ramadans_changed AFTER INSERT OR UPDATE OR DELETE ON ramadans
    FOR EACH ROW EXECUTE FUNCTION count_change_of_rules();
CREATE TRIGGER calendar_days_changed AFTER INSERT OR UPDATE OR DELETE ON calendar_days
    FOR EACH ROW EXECUTE FUNCTION count_change_of_rules();
CREATE TRIGGER windows_changed AFTER INSERT OR UPDATE OR DELETE ON windows
    FOR EACH ROW EXECUTE FUNCTION count_change_of_rules();
CREATE TRIGGER sla_policies_changed AFTER INSERT OR UPDATE OR DELETE ON sla_policies
    FOR EACH ROW EXECUTE FUNCTION count_change_of_rules();
