ALTER TABLE "exports" DROP CONSTRAINT "exports_status";--> statement-breakpoint
DROP INDEX "exports_requested_by_idx";--> statement-breakpoint
ALTER TABLE "exports" ADD COLUMN "bytes" bigint;--> statement-breakpoint
ALTER TABLE "exports" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "exports" ADD COLUMN "store" text;--> statement-breakpoint
ALTER TABLE "exports" ADD COLUMN "finished_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "exports_expires_idx" ON "exports" USING btree ("expires_at") WHERE "exports"."expires_at" IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "exports_storage_key" ON "exports" USING btree ("storage_key") WHERE "exports"."storage_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "exports_requested_by_idx" ON "exports" USING btree ("requested_by","id" DESC NULLS FIRST);--> statement-breakpoint
ALTER TABLE "exports" ADD CONSTRAINT "exports_ready_has_file" CHECK ("exports"."status" <> 'ready' OR ("exports"."storage_key" IS NOT NULL AND "exports"."store" IS NOT NULL AND "exports"."rows" IS NOT NULL
        AND "exports"."bytes" IS NOT NULL AND "exports"."expires_at" IS NOT NULL));--> statement-breakpoint
ALTER TABLE "exports" ADD CONSTRAINT "exports_status" CHECK (status IN ('queued', 'running', 'ready', 'failed'));