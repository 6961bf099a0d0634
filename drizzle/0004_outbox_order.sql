DROP INDEX "outbox_owed_idx";--> statement-breakpoint
DROP INDEX "outbox_dispatched_idx";--> statement-breakpoint
CREATE INDEX "outbox_owed_idx" ON "outbox" USING btree ("available_at","id") WHERE "outbox"."dispatched_at" IS NULL AND "outbox"."done_at" IS NULL AND "outbox"."failed_at" IS NULL;--> statement-breakpoint
CREATE INDEX "outbox_dispatched_idx" ON "outbox" USING btree ("dispatched_at","id") WHERE "outbox"."dispatched_at" IS NOT NULL AND "outbox"."done_at" IS NULL AND "outbox"."failed_at" IS NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_attempts" CHECK ("outbox"."attempts" BETWEEN 0 AND 1000000);