DROP TRIGGER runs_release_media ON runs;
DROP FUNCTION release_media();
DROP TABLE media_discards;
DROP TABLE media_loose;
DROP TABLE media_references;
DROP TABLE media_chunks;
DROP TABLE media;
