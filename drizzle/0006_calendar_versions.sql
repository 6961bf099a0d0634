DROP TABLE "calendar_intervals" CASCADE;--> statement-breakpoint
DROP TABLE "holidays" CASCADE;--> statement-breakpoint
ALTER TABLE "calendars" DROP COLUMN "time_zone";