-- The promises, in working time: how long each clock may run for each class of complaint, and since when.
-- One working day is 7 h 30 min of working time (27,000 s; Perpres 21/2023: 37 h 30 min in five days).
CREATE TABLE sla_policies (
    complaint_class text NOT NULL CHECK (complaint_class IN ('complaint', 'information', 'aspiration')),
    clock           text NOT NULL CHECK (clock IN ('acknowledge', 'respond', 'resolve')),
    limit_seconds   integer NOT NULL CHECK (limit_seconds > 0),
    source          text NOT NULL,
    valid_from      timestamptz NOT NULL,
    PRIMARY KEY (complaint_class, clock, valid_from)
);

-- The law's limits are the outer bound (3 working days to verify; 5 for information, 14 for complaints that need no
-- examination, 60 for those that do: SP4N-LAPOR). The city's default promises more.
INSERT INTO sla_policies (complaint_class, clock, limit_seconds, source, valid_from) VALUES
    ('complaint',   'acknowledge',  1 * 27000, 'city default; law: 3 working days',  '2016-02-28 00:00+07'),
    ('complaint',   'respond',      3 * 27000, 'city default; law: 14 working days', '2016-02-28 00:00+07'),
    ('complaint',   'resolve',     14 * 27000, 'law: 14 working days',               '2016-02-28 00:00+07'),
    ('information', 'acknowledge',  1 * 27000, 'city default; law: 3 working days',  '2016-02-28 00:00+07'),
    ('information', 'respond',      2 * 27000, 'city default; law: 5 working days',  '2016-02-28 00:00+07'),
    ('information', 'resolve',      5 * 27000, 'law: 5 working days',                '2016-02-28 00:00+07'),
    ('aspiration',  'acknowledge',  3 * 27000, 'law: 3 working days',                '2016-02-28 00:00+07'),
    ('aspiration',  'respond',     14 * 27000, 'city default; law: 60 working days', '2016-02-28 00:00+07'),
    ('aspiration',  'resolve',     60 * 27000, 'law: 60 working days',               '2016-02-28 00:00+07');
