DROP FUNCTION accept_members;
DROP INDEX runs_completed;
DROP INDEX runs_by_parent;
