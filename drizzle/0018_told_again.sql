DROP INDEX "alerts_user_idx";--> statement-breakpoint
DROP INDEX "alerts_unread_idx";--> statement-breakpoint
CREATE INDEX "tickets_deleted_idx" ON "tickets" USING btree ("deleted_at") WHERE "tickets"."deleted_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "alerts_user_idx" ON "alerts" USING btree ("user_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "alerts_unread_idx" ON "alerts" USING btree ("user_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE NOT "alerts"."is_read";