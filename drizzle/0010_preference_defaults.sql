ALTER TABLE "notification_preferences" ALTER COLUMN "in_app" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "notification_preferences" ALTER COLUMN "email" DROP NOT NULL;