ALTER TABLE "attachments" ADD COLUMN "store" text DEFAULT 'local' NOT NULL;--> statement-breakpoint
ALTER TABLE "attachments" ADD COLUMN "purged_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "attachments_purge_idx" ON "attachments" USING btree ("deleted_at") WHERE "attachments"."deleted_at" IS NOT NULL AND "attachments"."purged_at" IS NULL;