CREATE TABLE "stats_days" (
	"day" date NOT NULL,
	"dimension" text NOT NULL,
	"key_id" bigint NOT NULL,
	"settled" integer NOT NULL,
	"met" integer NOT NULL,
	"violated" integer NOT NULL,
	"handle_ms" bigint NOT NULL,
	"clocks_breached" integer NOT NULL,
	"clocks_kept" integer NOT NULL,
	CONSTRAINT "stats_days_dimension_day_key_id_pk" PRIMARY KEY("dimension","day","key_id"),
	CONSTRAINT "stats_days_dimension" CHECK ("stats_days"."dimension" IN ('all', 'agent', 'priority', 'category', 'team', 'status'))
);
--> statement-breakpoint
CREATE TABLE "stats_marks" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stats_marks_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stats_rolled" (
	"day" date PRIMARY KEY NOT NULL,
	"end_xid" bigint NOT NULL,
	"rolled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "stats_slots" (
	"slot" timestamp with time zone PRIMARY KEY NOT NULL,
	"day" date NOT NULL,
	"created" integer NOT NULL,
	"resolved" integer NOT NULL,
	"reopened" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "stats_marks_day_idx" ON "stats_marks" USING btree ("day");--> statement-breakpoint
CREATE INDEX "stats_slots_day_idx" ON "stats_slots" USING btree ("day");--> statement-breakpoint
CREATE INDEX "sla_clocks_breached_idx" ON "sla_clocks" USING btree ("breached_at") WHERE "sla_clocks"."breached_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "sla_clocks_kept_idx" ON "sla_clocks" USING btree ("stopped_at") WHERE "sla_clocks"."metric" = 'resolution' AND "sla_clocks"."stopped_at" IS NOT NULL AND "sla_clocks"."breached_at" IS NULL;--> statement-breakpoint
CREATE INDEX "sla_clocks_late_idx" ON "sla_clocks" USING gist (tstzrange("breached_at", "stopped_at", '[]')) WHERE "sla_clocks"."metric" = 'resolution' AND "sla_clocks"."breached_at" < "sla_clocks"."stopped_at";--> statement-breakpoint
CREATE INDEX "sla_clocks_alarm_idx" ON "sla_clocks" USING btree ("ticket_id") WHERE "sla_clocks"."metric" = 'resolution' AND "sla_clocks"."state" <> 'stopped' AND ("sla_clocks"."breached_at" IS NOT NULL OR "sla_clocks"."warned_at" IS NOT NULL);--> statement-breakpoint
CREATE INDEX "ticket_events_settling_idx" ON "ticket_events" USING btree ("created_at") WHERE "ticket_events"."type" = 'status_changed'
          AND ("ticket_events"."data" ->> 'from_class' IN ('new', 'open', 'pending')) <> ("ticket_events"."data" ->> 'to_class' IN ('new', 'open', 'pending'));--> statement-breakpoint
CREATE INDEX "tickets_open_idx" ON "tickets" USING btree ("created_at","id","status_id","priority_id","assigned_to") WHERE "tickets"."deleted_at" IS NULL AND "tickets"."status_class" IN ('new', 'open', 'pending');--> statement-breakpoint
CREATE INDEX "tickets_settled_idx" ON "tickets" USING btree (coalesce("resolved_at", "closed_at", "created_at")) WHERE "tickets"."deleted_at" IS NULL AND "tickets"."status_class" IN ('resolved', 'closed');--> statement-breakpoint
-- Status events say from which class to which a ticket went: names may be given to other statuses later.
UPDATE "ticket_events" e SET data = e.data || jsonb_build_object('from_class', f.class, 'to_class', t.class)
FROM statuses f, statuses t
WHERE e.type = 'status_changed' AND f.name = e.data ->> 'from' AND t.name = e.data ->> 'to';--> statement-breakpoint
-- Marks past days as changed. Once a transaction and day: it is one mark whether a statement changes one row or a million.
CREATE FUNCTION stats_mark(VARIADIC instants timestamptz[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
  marked text := coalesce(current_setting('servicedesk.stats_marked', true), '');
  instant timestamptz;
  past date;
BEGIN
  FOREACH instant IN ARRAY instants LOOP
    past := (instant AT TIME ZONE 'UTC')::date;
    CONTINUE WHEN past IS NULL OR past >= today OR strpos(marked, past::text) > 0;
    INSERT INTO stats_marks (day) VALUES (past);
    marked := marked || ' ' || past;
    PERFORM set_config('servicedesk.stats_marked', marked, true);
  END LOOP;
END $$;--> statement-breakpoint
-- When a ticket was settled; null while it is open.
CREATE FUNCTION stats_settled_at(ticket tickets) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN ticket.status_class IN ('resolved', 'closed')
    THEN coalesce(ticket.resolved_at, ticket.closed_at, ticket.created_at) END
$$;--> statement-breakpoint
CREATE FUNCTION stats_mark_new_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM stats_mark(NEW.created_at, stats_settled_at(NEW));
  RETURN NULL;
END $$;--> statement-breakpoint
-- Every past day to which the ticket contributed, or does now.
CREATE FUNCTION stats_mark_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_settled timestamptz := stats_settled_at(OLD);
  new_settled timestamptz := stats_settled_at(NEW);
  is_deletion boolean := (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL);
  is_other_kind boolean := (OLD.assigned_to, OLD.priority_id, OLD.category_id, OLD.team_id)
    IS DISTINCT FROM (NEW.assigned_to, NEW.priority_id, NEW.category_id, NEW.team_id);
  is_other_start boolean := OLD.created_at <> NEW.created_at;
  clock record;
  event record;
BEGIN
  IF NOT is_deletion AND NEW.deleted_at IS NOT NULL THEN RETURN NULL; END IF;
  IF is_deletion OR is_other_start THEN PERFORM stats_mark(OLD.created_at, NEW.created_at); END IF;
  IF is_deletion OR is_other_kind OR is_other_start OR OLD.status_id <> NEW.status_id
    OR old_settled IS DISTINCT FROM new_settled THEN
    PERFORM stats_mark(old_settled, new_settled);
  END IF;
  IF is_deletion OR is_other_kind THEN
    FOR clock IN SELECT breached_at, stopped_at FROM sla_clocks
      WHERE ticket_id = NEW.id AND metric = 'resolution' LOOP
      PERFORM stats_mark(clock.breached_at, clock.stopped_at);
    END LOOP;
  END IF;
  IF is_deletion THEN
    FOR event IN SELECT created_at FROM ticket_events WHERE ticket_id = NEW.id AND type = 'status_changed' LOOP
      PERFORM stats_mark(event.created_at);
    END LOOP;
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE FUNCTION stats_mark_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ticket tickets;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.breached_at IS NOT DISTINCT FROM NEW.breached_at THEN
    -- A late clock that stops counts on the day of its breach only.
    IF NEW.breached_at IS NULL THEN PERFORM stats_mark(OLD.stopped_at, NEW.stopped_at); END IF;
    RETURN NULL;
  END IF;
  PERFORM stats_mark(NEW.breached_at, NEW.stopped_at);
  IF TG_OP = 'UPDATE' THEN PERFORM stats_mark(OLD.breached_at, OLD.stopped_at); END IF;
  SELECT * INTO ticket FROM tickets WHERE id = NEW.ticket_id;
  PERFORM stats_mark(stats_settled_at(ticket));
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE FUNCTION stats_mark_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM stats_mark(NEW.created_at);
  RETURN NULL;
END $$;--> statement-breakpoint
-- The conditions are false for what is new today, so that creating, assigning and settling pay a comparison. By the
-- clock, not by when the transaction began: one that began yesterday may write after yesterday was rolled.
CREATE TRIGGER stats_new_ticket AFTER INSERT ON "tickets" FOR EACH ROW
  WHEN (least(NEW.created_at, NEW.resolved_at, NEW.closed_at) < date_trunc('day', clock_timestamp(), 'UTC'))
  EXECUTE FUNCTION stats_mark_new_ticket();--> statement-breakpoint
CREATE TRIGGER stats_ticket AFTER UPDATE OF status_id, status_class, priority_id, category_id, team_id, assigned_to,
  created_at, resolved_at, closed_at, deleted_at ON "tickets" FOR EACH ROW
  WHEN (least(OLD.created_at, NEW.created_at, OLD.resolved_at, NEW.resolved_at, OLD.closed_at, NEW.closed_at)
      < date_trunc('day', clock_timestamp(), 'UTC')
    AND (OLD.status_id, OLD.status_class, OLD.priority_id, OLD.category_id, OLD.team_id, OLD.assigned_to, OLD.created_at,
      OLD.resolved_at, OLD.closed_at, OLD.deleted_at)
    IS DISTINCT FROM (NEW.status_id, NEW.status_class, NEW.priority_id, NEW.category_id, NEW.team_id, NEW.assigned_to,
      NEW.created_at, NEW.resolved_at, NEW.closed_at, NEW.deleted_at))
  EXECUTE FUNCTION stats_mark_ticket();--> statement-breakpoint
CREATE TRIGGER stats_new_clock AFTER INSERT ON "sla_clocks" FOR EACH ROW
  WHEN (NEW.metric = 'resolution'
    AND least(NEW.breached_at, NEW.stopped_at) < date_trunc('day', clock_timestamp(), 'UTC'))
  EXECUTE FUNCTION stats_mark_clock();--> statement-breakpoint
CREATE TRIGGER stats_clock AFTER UPDATE OF breached_at, stopped_at ON "sla_clocks" FOR EACH ROW
  WHEN (NEW.metric = 'resolution'
    AND (OLD.breached_at, OLD.stopped_at) IS DISTINCT FROM (NEW.breached_at, NEW.stopped_at)
    AND least(OLD.breached_at, NEW.breached_at, OLD.stopped_at, NEW.stopped_at)
      < date_trunc('day', clock_timestamp(), 'UTC'))
  EXECUTE FUNCTION stats_mark_clock();--> statement-breakpoint
CREATE TRIGGER stats_event AFTER INSERT ON "ticket_events" FOR EACH ROW
  WHEN (NEW.type = 'status_changed' AND NEW.created_at < date_trunc('day', clock_timestamp(), 'UTC'))
  EXECUTE FUNCTION stats_mark_event();
