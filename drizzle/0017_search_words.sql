-- Numbers are names of things, not words that somebody mistypes; each would be offered, and there is one a ticket.
DELETE FROM search_lexemes WHERE lexeme ~ '[^[:alpha:]]';--> statement-breakpoint
-- Of a ticket whose words are full, a message changes nothing: its row and its index entries stay as they are.
CREATE OR REPLACE FUNCTION search_new_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ticket_search s SET words = CASE WHEN m.public IS NULL THEN s.words ELSE search_joined(s.words, m.public) END,
    internal = CASE WHEN m.has_notes THEN search_joined(coalesce(s.internal, s.words), m.everything)
      ELSE search_joined(s.internal, m.everything) END
  FROM (
    SELECT ticket_id, search_all(search_of_message(body) ORDER BY id) FILTER (WHERE NOT is_internal) AS public,
      search_all(search_of_message(body) ORDER BY id) AS everything, bool_or(is_internal) AS has_notes
    FROM added GROUP BY ticket_id) m
  WHERE s.ticket_id = m.ticket_id
    AND (length(s.words) <= 10000 OR length(s.internal) <= 10000 OR (s.internal IS NULL AND m.has_notes));
  RETURN NULL;
END $$;
