-- By default a table is vacuumed when a fifth of it is dead. These live on rows that change within seconds of being
-- written, and their partial indexes hold only what is owed or due: every row passes through them and leaves a dead entry,
-- over which each look for work has to step. So they are vacuumed early, and the outbox, which is written, dispatched, done
-- and deleted within a day, at full speed: work that is spread over hundreds of small vacuums is never much at once.
ALTER TABLE "outbox" SET (
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_insert_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.02,
  autovacuum_vacuum_cost_delay = 0
);--> statement-breakpoint
-- All of it is replaced every day.
ALTER TABLE "idempotency_keys" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);--> statement-breakpoint
-- Grows for ever, so a fifth of it is more every month; what is asked for again and again is its newest end.
ALTER TABLE "email_deliveries" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE "sla_clocks" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
