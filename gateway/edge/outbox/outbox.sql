-- Every statement the outbox knows, by name.

-- name: asked
SELECT revision, fingerprint, state, accepted_at, body FROM asked
 WHERE store = ? AND kind = ? AND id = ? ORDER BY revision

-- name: put_asked
INSERT INTO asked (store, kind, id, revision, fingerprint, state, accepted_at, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: lane_next
INSERT INTO lane (lane, store, vendor, sequence) VALUES (?, ?, ?, 1)
ON CONFLICT (lane) DO UPDATE SET sequence = sequence + 1 RETURNING sequence

-- name: next_entry_id
SELECT coalesce(max(id), 0) + 1 FROM entry

-- name: add_entry
INSERT INTO entry (id, store, vendor, adapter, role, lane, sequence, operation, subject, revision,
                   receipt_number, trace_id, state, accepted_at, due_at, finished_at, outcome,
                   reason, ask, site, ending)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: add_key
INSERT OR IGNORE INTO entry_key (entry, key) VALUES (?, ?)

-- name: entry
SELECT {entry} FROM entry WHERE id = ?

-- name: entries_of
SELECT {entry} FROM entry
 WHERE store = ?1 AND subject = ?2 AND CASE ?3
         WHEN 'order' THEN operation IN ('submit', 'void', 'refund')
         WHEN 'payment' THEN operation IN ('pay', 'load', 'reverse')
         ELSE operation = 'release' END
 ORDER BY id

-- name: entries_of_receipt
SELECT {entry} FROM entry WHERE store = ? AND receipt_number = ? ORDER BY id

-- name: entries_in
SELECT {entry} FROM entry
 WHERE state = ? AND (? IS NULL OR lane = ?) AND unattended >= ? ORDER BY id LIMIT ?

-- name: standing
SELECT entry.id, entry.sequence, entry.state, entry.lost_runs, entry.accepted_at, entry.due_at,
       coalesce(group_concat(coalesce(alias.canonical, entry_key.key), char(10)), '')
  FROM (SELECT * FROM entry WHERE lane = ?1 AND state = 'parked'
        UNION ALL
        SELECT * FROM (SELECT * FROM entry WHERE lane = ?1 AND state = 'queued'
                        ORDER BY sequence LIMIT ?2)) AS entry
  LEFT JOIN entry_key ON entry_key.entry = entry.id
  LEFT JOIN alias ON alias.scope = entry.lane AND alias.key = entry_key.key
 GROUP BY entry.id ORDER BY entry.sequence

-- name: lanes
SELECT lane, store, vendor FROM lane ORDER BY lane

-- name: depth
SELECT lane.stopped, lane.sequence,
       count(*) FILTER (WHERE entry.state = 'queued'),
       count(*) FILTER (WHERE entry.state = 'parked'),
       count(*) FILTER (WHERE entry.state = 'done'),
       min(entry.accepted_at) FILTER (WHERE entry.state = 'queued'),
       count(*) FILTER (WHERE entry.unattended = 1)
  FROM lane LEFT JOIN entry ON entry.lane = lane.lane
 WHERE lane.lane = ? GROUP BY lane.lane

-- name: begin
-- What an earlier run passed stays written down if that run may have reached the vendor.
UPDATE entry SET attempts = attempts + 1, starts = starts + 1, overtook = CASE
         WHEN EXISTS (SELECT 1 FROM step WHERE fresh = 0
                       AND (owner = 'entry:' || ?1 OR owner GLOB 'entry:' || ?1 || '.[0-9]*'))
         THEN (SELECT json_group_array(passed) FROM
                (SELECT value AS passed FROM json_each(entry.overtook)
                  UNION SELECT value FROM json_each(?2)))
         ELSE ?2 END
 WHERE id = ?1 AND state = 'queued' RETURNING id

-- name: rest
UPDATE entry SET starts = 0, lost_runs = ?2, due_at = ?3, reason = ?4, note = ?5
 WHERE id = ?1 AND state = 'queued'

-- name: finish
UPDATE entry SET state = 'done', starts = 0, lost_runs = 0, due_at = NULL, finished_at = ?2,
                 outcome = ?3, reason = ?4, ending = ?5, note = NULL
 WHERE id = ?1 AND state != 'done'

-- name: park
UPDATE entry SET state = 'parked', starts = 0, due_at = NULL, reason = ?2, note = ?3
 WHERE id = ?1 AND state = 'queued'

-- name: unpark
UPDATE entry SET state = 'queued', starts = 0, lost_runs = 0, due_at = NULL, reason = NULL,
                 note = NULL
 WHERE id = ? AND state = 'parked'

-- name: attend
UPDATE entry SET unattended = ?2 WHERE id = ?1

-- name: was_intended
SELECT EXISTS (SELECT 1 FROM step
                WHERE fresh = 0 AND (owner = ?1 OR owner GLOB ?1 || '.[0-9]*'))

-- name: is_begun
SELECT starts > 0 FROM entry WHERE id = ?

-- name: alias
INSERT INTO alias (scope, key, canonical) VALUES (?, ?, ?)
ON CONFLICT (scope, key) DO UPDATE SET canonical = excluded.canonical

-- name: steps
SELECT position, name, fingerprint, fresh, lost, doubted_at, reply FROM step
 WHERE owner = ? ORDER BY position

-- name: intend
INSERT INTO step (owner, position, name, fingerprint, fresh) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (owner, position) DO UPDATE
   SET lost = lost + 1, name = excluded.name, fingerprint = excluded.fingerprint, reply = NULL
RETURNING lost

-- name: withdraw_first
DELETE FROM step WHERE owner = ? AND position = ? AND lost = 0

-- name: withdraw_again
UPDATE step SET lost = lost - 1 WHERE owner = ? AND position = ? AND lost > 0

-- name: settle
INSERT INTO step (owner, position, name, fingerprint, fresh, reply) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (owner, position) DO UPDATE
   SET name = excluded.name, fingerprint = excluded.fingerprint, fresh = excluded.fresh,
       reply = excluded.reply

-- name: doubt
UPDATE step SET doubted_at = ?3 WHERE owner = ?1 AND position = ?2

-- name: forget_fresh
DELETE FROM step WHERE owner = ? AND position = ? AND fresh = 1

-- name: forget_reply
UPDATE step SET reply = NULL WHERE owner = ? AND position = ?

-- name: visit
SELECT fingerprint, state, deadline, body FROM visit WHERE store = ? AND visit_id = ?

-- name: put_visit
INSERT INTO visit (store, visit_id, fingerprint, state, deadline, body) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (store, visit_id) DO UPDATE
   SET state = excluded.state, deadline = excluded.deadline, body = excluded.body

-- name: overdue_visits
SELECT store, visit_id FROM visit WHERE state = 'open' AND deadline <= ? ORDER BY deadline LIMIT ?

-- name: shut_visit
UPDATE visit SET state = 'closed' WHERE store = ? AND visit_id = ?

-- name: quote
SELECT fingerprint, expires_at, body FROM quote WHERE store = ? AND quote_id = ?

-- name: put_quote
INSERT INTO quote (store, quote_id, fingerprint, expires_at, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (store, quote_id) DO NOTHING

-- name: add_event
INSERT INTO event (store, at, body) VALUES (?, ?, ?)

-- name: events
SELECT id, at, body FROM event WHERE store = ? AND id > ? ORDER BY id LIMIT ?

-- name: audit
INSERT INTO audit (at, body) VALUES (?, ?)

-- name: stop_lane
UPDATE lane SET stopped = ?2 WHERE lane = ?1

-- name: retiring
SELECT id, store, subject FROM entry
 WHERE finished_at < ?1 AND ask IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM entry AS other
                    WHERE other.store = entry.store AND other.subject = entry.subject
                      AND (other.finished_at IS NULL OR other.finished_at >= ?1))
 ORDER BY finished_at LIMIT ?2

-- name: retire_entry
UPDATE entry SET ask = NULL, site = NULL, ending = NULL, note = NULL WHERE id = ?

-- name: retire_keys
DELETE FROM entry_key WHERE entry = ?

-- name: retire_steps
DELETE FROM step WHERE owner = ?1 OR owner GLOB ?1 || '.*'

-- name: retire_asked
UPDATE asked SET body = NULL WHERE store = ? AND id = ?

-- name: retiring_visits
SELECT asked.store, asked.id FROM asked LEFT JOIN visit
    ON visit.store = asked.store AND visit.visit_id = asked.id
 WHERE asked.kind = 'visit' AND asked.body IS NOT NULL AND asked.accepted_at < ?1
   AND (visit.state IS NULL OR (visit.state != 'open' AND visit.deadline < ?1))
 LIMIT ?2

-- name: retire_visit
DELETE FROM visit WHERE store = ? AND visit_id = ? AND state != 'open'

-- name: retire_asked_visit
UPDATE asked SET body = NULL WHERE store = ? AND kind = 'visit' AND id = ?

-- name: retiring_quotes
SELECT store, quote_id FROM quote WHERE expires_at < ? LIMIT ?

-- name: retire_quote
DELETE FROM quote WHERE store = ? AND quote_id = ?

-- name: retire_journals
DELETE FROM step WHERE owner >= ?1 AND owner < ?1 || char(1114111)

-- name: retire_events
DELETE FROM event WHERE at < ?

-- name: meta
SELECT value FROM meta WHERE key = ?

-- name: put_meta
INSERT INTO meta (key, value) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: place
SELECT lane, sequence, vendor, operation FROM entry WHERE id = ?

-- name: newer_submits
SELECT {entry} FROM entry
 WHERE lane = ?1 AND sequence > ?2 AND operation = 'submit' AND outcome = 'applied'
   AND subject != ?3
   AND EXISTS (
     SELECT 1 FROM entry_key AS mine
       LEFT JOIN alias AS my ON my.scope = ?1 AND my.key = mine.key
       JOIN entry AS target ON target.lane = ?1 AND target.sequence = ?2
       JOIN entry_key AS theirs ON theirs.entry = target.id
       LEFT JOIN alias AS their ON their.scope = ?1 AND their.key = theirs.key
      WHERE mine.entry = entry.id AND mine.key LIKE 'member:%'
        AND coalesce(my.canonical, mine.key) = coalesce(their.canonical, theirs.key))
   AND NOT EXISTS (
     SELECT 1 FROM entry AS undo
      WHERE undo.lane = ?1 AND undo.subject = entry.subject
        AND undo.operation IN ('void', 'refund') AND undo.outcome = 'applied')
 ORDER BY sequence

-- name: stopped
SELECT stopped FROM lane WHERE lane = ?

-- name: undoubt
DELETE FROM step
 WHERE (owner = ?1 OR owner GLOB ?1 || '.[0-9]*')
   AND position >= (SELECT min(doubted.position) FROM step AS doubted
                     WHERE doubted.owner = step.owner AND doubted.doubted_at IS NOT NULL)

-- name: doubt_nonsense
UPDATE step SET doubted_at = ?2
 WHERE owner = ?1 AND fresh = 0
   AND position = (SELECT max(position) FROM step WHERE owner = ?1 AND fresh = 0)
   AND NOT EXISTS (SELECT 1 FROM step WHERE owner = ?1 AND doubted_at IS NOT NULL)

-- name: doubted_since
SELECT max(doubted_at) FROM step WHERE owner = ?

-- name: latest_submits
SELECT {entry} FROM entry
 WHERE lane = ? AND operation = 'submit' AND outcome = 'applied' ORDER BY sequence DESC LIMIT ?

-- name: approve
UPDATE entry SET approved = 1 WHERE id = ?

-- name: amend
UPDATE entry SET ending = ?2 WHERE id = ?1 AND outcome = 'applied'

-- name: broken_law
SELECT lane.lane, lane.sequence, count(entry.id), min(entry.sequence), max(entry.sequence)
  FROM lane LEFT JOIN entry ON entry.lane = lane.lane
 GROUP BY lane.lane
HAVING count(entry.id) != lane.sequence
    OR min(entry.sequence) != 1 OR max(entry.sequence) != lane.sequence

-- name: boxes
SELECT id, lane, sequence, vendor, operation, ask, site, ending FROM entry
 WHERE id > ? ORDER BY id LIMIT ?

-- name: entries_after
SELECT {entry} FROM entry WHERE id > ? ORDER BY id LIMIT ?

-- name: still_queued
SELECT id FROM entry WHERE state = 'queued' AND id IN (SELECT value FROM json_each(?))

-- name: replies
SELECT owner, position, reply FROM step
 WHERE (owner, position) > (?, ?) ORDER BY owner, position LIMIT ?

-- name: queued_money
SELECT {entry} FROM entry
 WHERE state = 'queued' AND operation IN ('pay', 'load', 'reverse') ORDER BY id LIMIT ?

-- name: unfinished_visits
SELECT asked.store, asked.id FROM asked
 WHERE asked.kind = 'visit' AND asked.accepted_at >= ?1 AND asked.body IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM visit
                    WHERE visit.store = asked.store AND visit.visit_id = asked.id)
   AND EXISTS (SELECT 1 FROM step
                WHERE owner >= 'visit:' || asked.store || '/' || asked.id || '/'
                  AND owner < 'visit:' || asked.store || '/' || asked.id || '0')
 LIMIT ?2
