"""Who works on the jobs: claiming, running, retrying, schedules. The job table itself is in the store."""
