-- name: by_day_and_department
-- Of the complaints that intake accepted on each local day: how many were routed, have a ticket, and in which state.
SELECT (c.accepted_at AT TIME ZONE 'Asia/Jakarta')::date AS day,
       CASE WHEN t.complaint_id IS NULL THEN '-' ELSE coalesce(t.department, 'TLR') END AS department,
       count(*) AS received, count(d.complaint_id) AS routed, count(t.complaint_id) AS opened,
       count(*) FILTER (WHERE t.state = 'in_review') AS in_review,
       count(*) FILTER (WHERE t.state = 'assigned') AS assigned,
       count(*) FILTER (WHERE t.state = 'in_progress') AS in_progress,
       count(*) FILTER (WHERE t.state = 'waiting_reporter') AS waiting_reporter,
       count(*) FILTER (WHERE t.state = 'resolved') AS resolved,
       count(*) FILTER (WHERE t.state = 'closed') AS closed,
       count(*) FILTER (WHERE t.state = 'rejected') AS rejected
FROM intake.complaints c
LEFT JOIN router.decisions d USING (complaint_id)
LEFT JOIN desk.tickets t USING (complaint_id)
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: missing
-- Complaints that one of the three services knows and another does not; parts that were split off are the desk's own.
SELECT complaint_id,
       array_remove(ARRAY[CASE WHEN c.complaint_id IS NULL THEN 'intake' END,
                          CASE WHEN d.complaint_id IS NULL THEN 'router' END,
                          CASE WHEN t.complaint_id IS NULL THEN 'desk' END], NULL) AS missing_in
FROM intake.complaints c
FULL JOIN router.decisions d USING (complaint_id)
FULL JOIN (SELECT complaint_id FROM desk.tickets WHERE parent IS NULL) t USING (complaint_id)
WHERE c.complaint_id IS NULL OR d.complaint_id IS NULL OR t.complaint_id IS NULL
ORDER BY complaint_id;

-- name: untold
-- Tickets that are not what their history says: a gap, another version, another state, another department.
SELECT t.complaint_id
FROM desk.tickets t
LEFT JOIN desk.history last USING (complaint_id, version)
WHERE last.version IS NULL
   OR (last.state, last.department) IS DISTINCT FROM (t.state, t.department)
   OR (SELECT count(*) FROM desk.history h WHERE h.complaint_id = t.complaint_id) <> t.version
ORDER BY t.complaint_id;

-- name: parts
-- How many tickets were split off.
SELECT count(*) AS parts FROM desk.tickets WHERE parent IS NOT NULL;

-- name: parts_that_do_not_add_up
-- Tickets that do not have the parts that they say.
SELECT t.complaint_id
FROM desk.tickets t LEFT JOIN desk.tickets part ON part.parent = t.complaint_id
GROUP BY t.complaint_id HAVING count(part.complaint_id) + 1 <> max(t.parts)
ORDER BY t.complaint_id;
