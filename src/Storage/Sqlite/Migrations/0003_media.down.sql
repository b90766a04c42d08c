DROP TRIGGER runs_release_media;
DROP TABLE media_discards;
DROP TABLE media_loose;
DROP TABLE media_references;
DROP TABLE media;
