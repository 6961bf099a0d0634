-- Priorities and policies stand in an order that admins change. Checked at the end of a statement, so that one statement
-- can move several rows; and a constraint that may be checked later is no target of foreign keys, so that moving a row
-- neither waits for tickets that are being written nor holds them up.
ALTER TABLE "priorities" DROP CONSTRAINT "priorities_rank_unique",
  ADD CONSTRAINT "priorities_rank_unique" UNIQUE ("rank") DEFERRABLE INITIALLY IMMEDIATE;--> statement-breakpoint
ALTER TABLE "sla_policies" DROP CONSTRAINT "sla_policies_position_unique",
  ADD CONSTRAINT "sla_policies_position_unique" UNIQUE ("position") DEFERRABLE INITIALLY IMMEDIATE;
