CREATE TABLE "calendar_versions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "calendar_versions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"calendar_id" bigint,
	"time_zone" text NOT NULL,
	"intervals" jsonb NOT NULL,
	"holidays" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "calendar_versions_intervals" CHECK (jsonb_array_length("calendar_versions"."intervals") > 0),
	CONSTRAINT "calendar_versions_holidays" CHECK (jsonb_typeof("calendar_versions"."holidays") = 'array')
);
--> statement-breakpoint
-- Every calendar's first version is what its rows say; one without intervals counted every second until now.
INSERT INTO "calendar_versions" ("calendar_id", "time_zone", "intervals", "holidays", "created_at")
SELECT c.id, c.time_zone,
  coalesce((SELECT jsonb_agg(jsonb_build_object('weekday', i.weekday, 'startMinute', i.start_minute, 'endMinute', i.end_minute)
      ORDER BY i.weekday, i.start_minute) FROM calendar_intervals i WHERE i.calendar_id = c.id),
    (SELECT jsonb_agg(jsonb_build_object('weekday', d, 'startMinute', 0, 'endMinute', 1440)) FROM generate_series(1, 7) d)),
  coalesce((SELECT jsonb_agg(jsonb_build_object('date', h.date, 'name', h.name) ORDER BY h.date) FROM holidays h
    WHERE h.calendar_id = c.id), '[]'),
  now()
FROM calendars c;--> statement-breakpoint
ALTER TABLE "sla_clocks" ADD COLUMN "warn_percent" smallint;--> statement-breakpoint
ALTER TABLE "sla_clocks" ADD COLUMN "calendar_version_id" bigint;--> statement-breakpoint
UPDATE "sla_clocks" k SET warn_percent = p.warn_percent,
  calendar_version_id = (SELECT v.id FROM calendar_versions v WHERE v.calendar_id = p.calendar_id)
FROM sla_policies p WHERE p.id = k.policy_id;--> statement-breakpoint
-- The log must be enough to rebuild the clock.
UPDATE "sla_clock_events" e SET data = e.data || jsonb_build_object('warn_percent', k.warn_percent,
  'calendar_version_id', k.calendar_version_id)
FROM sla_clocks k WHERE k.id = e.clock_id AND e.type IN ('start', 'apply_policy');--> statement-breakpoint
ALTER TABLE "sla_clocks" ALTER COLUMN "warn_percent" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "sla_clocks" ALTER COLUMN "calendar_version_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "sla_policies" ADD COLUMN "breach_alert" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "sla_policies" ADD COLUMN "breach_escalate" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sla_policies" ADD COLUMN "breach_reassign" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sla_policies" ADD COLUMN "is_active" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "sla_policies" ADD COLUMN "changed_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "calendar_versions" ADD CONSTRAINT "calendar_versions_calendar_id_calendars_id_fk" FOREIGN KEY ("calendar_id") REFERENCES "public"."calendars"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "calendar_versions_calendar_idx" ON "calendar_versions" USING btree ("calendar_id","id");--> statement-breakpoint
ALTER TABLE "sla_clocks" ADD CONSTRAINT "sla_clocks_calendar_version_id_calendar_versions_id_fk" FOREIGN KEY ("calendar_version_id") REFERENCES "public"."calendar_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sla_clocks_calendar_version_idx" ON "sla_clocks" USING btree ("calendar_version_id");--> statement-breakpoint
CREATE INDEX "tickets_active_idx" ON "tickets" USING btree ("assigned_to","status_class") WHERE "tickets"."assigned_to" IS NOT NULL AND "tickets"."deleted_at" IS NULL AND "tickets"."status_class" IN ('new', 'open', 'pending');--> statement-breakpoint
ALTER TABLE "sla_clocks" ADD CONSTRAINT "sla_clocks_warn" CHECK ("sla_clocks"."warn_percent" BETWEEN 1 AND 100);