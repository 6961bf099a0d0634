ALTER TABLE "email_deliveries" ADD COLUMN "items" jsonb;--> statement-breakpoint
ALTER TABLE "email_deliveries" ADD COLUMN "earlier_items" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "email_deliveries" ADD COLUMN "is_open" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "email_deliveries_open_key" ON "email_deliveries" USING btree ("ticket_id","user_id") WHERE "email_deliveries"."is_open";--> statement-breakpoint
ALTER TABLE "email_deliveries" ADD CONSTRAINT "email_deliveries_open_is_queued" CHECK (NOT "email_deliveries"."is_open" OR "email_deliveries"."status" = 'queued');