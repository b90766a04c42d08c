DROP TABLE orleans_reminders;
DROP TABLE orleans_storage;
DROP TABLE orleans_membership;
DROP TABLE orleans_membership_version;
DROP FUNCTION orleans_key_digest;
DROP SEQUENCE orleans_version;
DROP TABLE OrleansQuery;
