"""Who works on the jobs: waking, running, retrying, schedules. The job table itself is in the store."""
