ALTER TABLE "email_deliveries" DROP CONSTRAINT "email_deliveries_status";--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "group_key" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "occurrences" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "email_deliveries" ADD COLUMN "event_seq" integer;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "dispatch_limit" integer DEFAULT 20 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_group_key" ON "alerts" USING btree ("user_id","group_key") WHERE NOT "alerts"."is_read" AND "alerts"."group_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "alerts_read_created_idx" ON "alerts" USING btree ("created_at") WHERE "alerts"."is_read";--> statement-breakpoint
CREATE INDEX "email_deliveries_unsent_idx" ON "email_deliveries" USING btree ("id" DESC NULLS FIRST) WHERE "email_deliveries"."status" IN ('failed', 'discarded');--> statement-breakpoint
CREATE INDEX "auth_tokens_expires_idx" ON "auth_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "refresh_tokens_expires_idx" ON "refresh_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "sessions_expires_idx" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "email_deliveries" ADD CONSTRAINT "email_deliveries_status" CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'discarded'));