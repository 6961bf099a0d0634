-- Trusted extensions: the owner of the database may create them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS btree_gin;--> statement-breakpoint
CREATE TABLE "search_lexemes" (
	"lexeme" text PRIMARY KEY NOT NULL
);--> statement-breakpoint
CREATE TABLE "search_progress" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"ticket_id" bigint NOT NULL,
	CONSTRAINT "search_progress_one_row" CHECK ("search_progress"."is_only")
);--> statement-breakpoint
CREATE TABLE "ticket_search" (
	"ticket_id" bigint PRIMARY KEY NOT NULL,
	"words" "tsvector" NOT NULL,
	"internal" "tsvector"
);--> statement-breakpoint
DROP INDEX "tickets_search_idx";--> statement-breakpoint
DROP INDEX "tickets_status_idx";--> statement-breakpoint
DROP INDEX "tickets_priority_idx";--> statement-breakpoint
DROP INDEX "tickets_category_idx";--> statement-breakpoint
DROP INDEX "tickets_created_by_idx";--> statement-breakpoint
DROP INDEX "tickets_assigned_to_idx";--> statement-breakpoint
DROP INDEX "tickets_team_idx";--> statement-breakpoint
ALTER TABLE "ticket_search" ADD CONSTRAINT "ticket_search_ticket_id_tickets_id_fk" FOREIGN KEY ("ticket_id") REFERENCES "public"."tickets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "search_lexemes_similar_idx" ON "search_lexemes" USING gin ("lexeme" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "sla_clocks_due_order_idx" ON "sla_clocks" USING btree ("due_at","ticket_id") WHERE "sla_clocks"."metric" = 'resolution' AND "sla_clocks"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "sla_clocks_violated_idx" ON "sla_clocks" USING btree ("ticket_id") WHERE "sla_clocks"."metric" = 'resolution' AND "sla_clocks"."breached_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "tickets_urgency_idx" ON "tickets" USING btree ("priority_id","id");--> statement-breakpoint
CREATE INDEX "tickets_status_idx" ON "tickets" USING btree ("status_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "tickets_priority_idx" ON "tickets" USING btree ("priority_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "tickets_category_idx" ON "tickets" USING btree ("category_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "tickets_created_by_idx" ON "tickets" USING btree ("created_by","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "tickets_assigned_to_idx" ON "tickets" USING btree ("assigned_to","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "tickets_team_idx" ON "tickets" USING btree ("team_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
ALTER TABLE "tickets" DROP COLUMN "search";--> statement-breakpoint
-- The words of a ticket follow its title, description and messages by triggers, so that no way of writing those can
-- forget them. Whatever people write must be stored: what would grow past the limit of a tsvector is not indexed.
CREATE FUNCTION search_joined(known tsvector, more tsvector) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  -- Each message writes all of its ticket's words into the index again: a long talk must stay cheap.
  IF length(known) > 10000 THEN
    RETURN known;
  END IF;
  RETURN known || more;
EXCEPTION WHEN program_limit_exceeded THEN
  RETURN known;
END $$;--> statement-breakpoint
CREATE AGGREGATE search_all(tsvector) (SFUNC = search_joined, STYPE = tsvector, INITCOND = '');--> statement-breakpoint
CREATE FUNCTION search_of_ticket(title text, description text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', description), 'B')
$$;--> statement-breakpoint
CREATE FUNCTION search_of_message(body text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('english', body), 'C')
$$;--> statement-breakpoint
INSERT INTO ticket_search (ticket_id, words, internal)
SELECT t.id, CASE WHEN m.public IS NULL THEN o.words ELSE search_joined(o.words, m.public) END,
  CASE WHEN m.has_notes THEN search_joined(o.words, m.everything) END
FROM tickets t
CROSS JOIN LATERAL (SELECT search_of_ticket(t.title, t.description) AS words OFFSET 0) o
CROSS JOIN LATERAL (
  SELECT search_all(search_of_message(body) ORDER BY id) FILTER (WHERE NOT is_internal) AS public,
    search_all(search_of_message(body) ORDER BY id) AS everything, bool_or(is_internal) AS has_notes
  FROM messages WHERE ticket_id = t.id) m
WHERE t.deleted_at IS NULL;--> statement-breakpoint
CREATE INDEX "ticket_search_words_idx" ON "ticket_search" USING gin ("words",("ticket_id" >> 14));--> statement-breakpoint
CREATE INDEX "ticket_search_internal_idx" ON "ticket_search" USING gin ("internal",("ticket_id" >> 14)) WHERE "ticket_search"."internal" IS NOT NULL;--> statement-breakpoint
CREATE FUNCTION search_new_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ticket_search (ticket_id, words) SELECT id, search_of_ticket(title, description) FROM added WHERE deleted_at IS NULL;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE FUNCTION search_new_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ticket_search s SET words = CASE WHEN m.public IS NULL THEN s.words ELSE search_joined(s.words, m.public) END,
    internal = CASE WHEN m.has_notes THEN search_joined(coalesce(s.internal, s.words), m.everything)
      ELSE search_joined(s.internal, m.everything) END
  FROM (
    SELECT ticket_id, search_all(search_of_message(body) ORDER BY id) FILTER (WHERE NOT is_internal) AS public,
      search_all(search_of_message(body) ORDER BY id) AS everything, bool_or(is_internal) AS has_notes
    FROM added GROUP BY ticket_id) m
  WHERE s.ticket_id = m.ticket_id;
  RETURN NULL;
END $$;--> statement-breakpoint
-- What was changed or taken away cannot be told apart from what stays: everything is read again.
CREATE FUNCTION search_refresh(wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- A statement of its own: the next one sees what those wrote who held the row.
  PERFORM 1 FROM ticket_search WHERE ticket_id = wanted FOR UPDATE;
  UPDATE ticket_search s SET words = search_joined(o.words, m.public),
    internal = CASE WHEN m.has_notes THEN search_joined(o.words, m.everything) END
  FROM (SELECT search_of_ticket(title, description) AS words FROM tickets WHERE id = wanted OFFSET 0) o,
    (SELECT coalesce(search_all(search_of_message(body) ORDER BY id) FILTER (WHERE NOT is_internal), '') AS public,
      search_all(search_of_message(body) ORDER BY id) AS everything, coalesce(bool_or(is_internal), false) AS has_notes
    FROM messages WHERE ticket_id = wanted) m
  WHERE s.ticket_id = wanted;
END $$;--> statement-breakpoint
-- Deleted tickets are in no search.
CREATE FUNCTION search_changed_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.deleted_at IS NOT NULL THEN
    DELETE FROM ticket_search WHERE ticket_id = NEW.id;
    RETURN NULL;
  END IF;
  IF OLD.deleted_at IS NOT NULL THEN
    INSERT INTO ticket_search (ticket_id, words) VALUES (NEW.id, '');
  END IF;
  PERFORM search_refresh(NEW.id);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE FUNCTION search_changed_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(OLD.ticket_id);
  IF TG_OP = 'UPDATE' AND NEW.ticket_id <> OLD.ticket_id THEN
    PERFORM search_refresh(NEW.ticket_id);
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER search_insert AFTER INSERT ON tickets
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION search_new_tickets();--> statement-breakpoint
CREATE TRIGGER search_update AFTER UPDATE OF title, description, deleted_at ON tickets FOR EACH ROW
WHEN (OLD.title <> NEW.title OR OLD.description <> NEW.description
  OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL))
EXECUTE FUNCTION search_changed_ticket();--> statement-breakpoint
CREATE TRIGGER search_insert AFTER INSERT ON messages
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION search_new_messages();--> statement-breakpoint
CREATE TRIGGER search_update AFTER UPDATE OF ticket_id, body, is_internal ON messages FOR EACH ROW
WHEN (OLD.body <> NEW.body OR OLD.is_internal <> NEW.is_internal OR OLD.ticket_id <> NEW.ticket_id)
EXECUTE FUNCTION search_changed_message();--> statement-breakpoint
CREATE TRIGGER search_delete AFTER DELETE ON messages FOR EACH ROW EXECUTE FUNCTION search_changed_message();--> statement-breakpoint
-- Categories belong to teams, agents to both, and old tickets are closed: together they leave more or fewer than the
-- planner would think of each apart.
CREATE STATISTICS tickets_kinds (mcv) ON status_id, priority_id, category_id, team_id FROM tickets;--> statement-breakpoint
ALTER STATISTICS tickets_kinds SET STATISTICS 500;
